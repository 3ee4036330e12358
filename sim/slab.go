package sim

import "pushcast/node"

// slab holds the view exchanges in flight: messages and their entries as
// values in two slices, with a list of the places that are free.
type slab struct {
	stride   int // entries that a place has room for
	messages []node.Message
	entries  []node.Entry
	vacant   []uint32
}

// put stores a message with its entries and gives its place.
func (s *slab) put(m *node.Message, entries []node.Entry) uint32 {
	var place uint32
	if n := len(s.vacant); n > 0 {
		place = s.vacant[n-1]
		s.vacant = s.vacant[:n-1]
		s.messages[place] = *m
	} else {
		place = uint32(len(s.messages))
		s.messages = append(s.messages, *m)
		s.entries = append(s.entries, make([]node.Entry, s.stride)...)
	}
	copy(s.entries[int(place)*s.stride:], entries)
	return place
}

// get gives the message in a place; the entries are valid until free.
func (s *slab) get(place uint32) (node.Message, []node.Entry) {
	m := s.messages[place]
	m.Offset = 0
	i := int(place) * s.stride
	return m, s.entries[i : i+int(m.Count)]
}

func (s *slab) free(place uint32) { s.vacant = append(s.vacant, place) }
