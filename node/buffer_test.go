package node

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// naive is each discipline in a few slow lines.
type naive struct {
	policy   Policy
	size     int
	held     []ChunkID // in the order of places
	accepted map[ChunkID]bool
	newest   ChunkID
	any      bool
}

func (n *naive) add(c ChunkID) Outcome {
	holds := slices.Contains(n.held, c)
	switch n.policy {
	case Window:
		if n.any && int64(c) <= int64(n.newest)-int64(n.size) {
			return Late
		}
		if holds {
			return Duplicate
		}
		if !n.any || c > n.newest {
			n.newest = c
		}
		n.held = append(n.held, c)
		n.held = slices.DeleteFunc(n.held, func(x ChunkID) bool { return int64(x) <= int64(n.newest)-int64(n.size) })
		slices.Sort(n.held)
	case FIFO:
		if n.any && int64(c) <= int64(n.newest)-int64(max(minMemory, 8*n.size+63)&^63) {
			return Stale
		}
		if n.accepted[c] {
			return Duplicate
		}
		n.accepted[c] = true
		if !n.any || c > n.newest {
			n.newest = c
		}
		if n.held = append(n.held, c); len(n.held) > n.size {
			n.held = n.held[1:]
		}
	default:
		if holds && n.policy == Top {
			return Duplicate
		}
		if len(n.held) == n.size {
			if least := slices.Min(n.held); c < least {
				return Stale
			} else if c == least {
				return Duplicate
			}
			n.held = n.held[1:]
		}
		n.held = append(n.held, c)
		slices.Sort(n.held)
		n.any = true
		if holds {
			return Duplicate
		}
	}
	n.any = true
	return Accepted
}

// TestBuffersAgainstNaiveModels: whatever arrives, contents, order, outcomes
// and evictions are those of the slow lines above.
func TestBuffersAgainstNaiveModels(t *testing.T) {
	for _, policy := range []Policy{Top, TopDup, FIFO, Window} {
		rapid.Check(t, func(t *rapid.T) {
			size := rapid.OneOf(rapid.IntRange(1, 20), rapid.IntRange(60, 200)).Draw(t, "size")
			var b buffer
			b.init(policy, size)
			model := naive{policy: policy, size: size, accepted: map[ChunkID]bool{}}
			stored := map[ChunkID]bool{}
			base := rapid.Uint32Range(0, 1<<31-20000).Draw(t, "base")
			var out Outbox
			for range rapid.IntRange(1, 300).Draw(t, "arrivals") {
				if rapid.IntRange(0, 5).Draw(t, "goes on") == 0 {
					base += rapid.Uint32Range(0, uint32(2*size)).Draw(t, "by")
				}
				c := ChunkID(base + rapid.Uint32Range(0, uint32(2*size)).Draw(t, "chunk"))
				out.Reset()
				got, want := b.add(policy, c, &out), model.add(c)
				if got != want {
					t.Fatalf("chunk %d is %v, must be %v", c, got, want)
				}
				var held []ChunkID
				for i := range b.n {
					held = append(held, b.at(policy, i))
				}
				if !slices.Equal(held, model.held) {
					t.Fatalf("after chunk %d it holds %v, must hold %v", c, held, model.held)
				}
				if slices.Contains(held, c) != b.holds(policy, c) || b.n > 0 && b.highest(policy) != slices.Max(held) {
					t.Fatalf("holds or highest is wrong of %v", held)
				}
				// Evictions tell exactly what a store of payloads may forget.
				if slices.Contains(held, c) {
					stored[c] = true
				}
				for _, gone := range out.evicted {
					if !stored[gone] || slices.Contains(held, gone) {
						t.Fatalf("chunk %d is evicted, held: %v", gone, held)
					}
					delete(stored, gone)
				}
				for c := range stored {
					if !slices.Contains(held, c) {
						t.Fatalf("chunk %d is gone, and nobody was told", c)
					}
				}
			}
		})
	}
}

// TestRegister: shifts, counts and searches are those of a slice of bools.
func TestRegister(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 300).Draw(t, "size")
		r, model := newRegister(size), make([]bool, size)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			d := rapid.IntRange(0, size+70).Draw(t, "by")
			switch rapid.SampledFrom([]string{"set", "up", "down"}).Draw(t, "what") {
			case "set":
				d %= size
				r.set(uint32(d))
				model[d] = true
			case "up":
				r.up(uint32(d), uint32(size))
				model = append(make([]bool, min(d, size)), model...)[:size]
			case "down":
				r.down(uint32(d))
				model = append(model[min(d, size):], make([]bool, min(d, size))...)
			}
			var set []uint32
			for i := range uint32(size + 200) {
				want := int(i) < size && model[i]
				if r.get(i) != want {
					t.Fatalf("bit %d is %v", i, !want)
				}
				if want {
					set = append(set, i)
				}
			}
			if int(r.count()) != len(set) {
				t.Fatalf("counts %d, has %d", r.count(), len(set))
			}
			if i, ok := r.first(); ok != (len(set) > 0) || ok && i != set[0] {
				t.Fatalf("first is %d, %v of %v", i, ok, set)
			}
			for k, i := range set {
				if got := r.nth(uint32(k)); got != i {
					t.Fatalf("bit set %d is %d, must be %d", k, got, i)
				}
			}
		}
	})
}
