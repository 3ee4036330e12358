package sim

import "pushcast/node"

// slab holds the view exchanges in flight: messages and their entries as
// values in two slices, with a list of the places that are free.
type slab struct {
	stride   int // entries that a place has room for
	messages []node.Message
	hops     []uint32 // that chunks have come
	entries  []node.Entry
	vacant   []uint32
}

// put stores a message with its entries and gives its place.
func (s *slab) put(m *node.Message, entries []node.Entry, hops uint32) uint32 {
	var place uint32
	if n := len(s.vacant); n > 0 {
		place = s.vacant[n-1]
		s.vacant = s.vacant[:n-1]
		s.messages[place], s.hops[place] = *m, hops
	} else {
		place = uint32(len(s.messages))
		s.messages, s.hops = append(s.messages, *m), append(s.hops, hops)
		s.entries = append(s.entries, make([]node.Entry, s.stride)...)
	}
	copy(s.entries[int(place)*s.stride:], entries)
	return place
}

// get gives the message in a place, and its hops; the entries are valid until free.
func (s *slab) get(place uint32) (node.Message, []node.Entry, uint32) {
	m := s.messages[place]
	m.Offset = 0
	i := int(place) * s.stride
	return m, s.entries[i : i+int(m.Count)], s.hops[place]
}

func (s *slab) free(place uint32) { s.vacant = append(s.vacant, place) }

// empty frees all places.
func (s *slab) empty() {
	s.messages, s.hops, s.entries, s.vacant = s.messages[:0], s.hops[:0], s.entries[:0], s.vacant[:0]
}
