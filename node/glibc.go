package node

// glibc emulates rand() of the GNU C library: the additive feedback generator
// r(i) = r(i−3) + r(i−31) mod 2³², whose low bit is dropped (stdlib/random_r,
// TYPE_3; the recurrence is in its manual and in Knuth, TAOCP 3.2.2). The
// original never seeds it, which is seed 1.
type glibc struct {
	r [31]uint32
	i uint8 // of the oldest value
}

func newGlibc(seed int32) *glibc {
	g := &glibc{i: 3} // the library begins with r(3) + r(0)
	word := int64(seed)
	if word == 0 {
		word = 1
	}
	g.r[0] = uint32(word)
	for i := 1; i < len(g.r); i++ {
		if word = 16807 * word % (1<<31 - 1); word < 0 { // Park and Miller's minimal standard
			word += 1<<31 - 1
		}
		g.r[i] = uint32(word)
	}
	for range 310 { // as the library does, to forget the seed
		g.next()
	}
	return g
}

// next draws from 0 … 2³¹−1.
func (g *glibc) next() uint32 {
	three := int(g.i) + 28 // r(i−3): 28 places after r(i−31)
	if three >= len(g.r) {
		three -= len(g.r)
	}
	g.r[g.i] += g.r[three]
	v := g.r[g.i] >> 1
	if g.i++; int(g.i) == len(g.r) {
		g.i = 0
	}
	return v
}

// below draws from 0 … n−1 as the original does for pushes: ⌊n·r/2³¹⌋.
func (g *glibc) below(n uint32) uint32 {
	return uint32(uint64(n) * uint64(g.next()) >> 31)
}

// entry draws from 0 … n−1 as the original does for gossip: ⌊n·r/(2³¹−1)⌋, of
// which it takes no care when r is 2³¹−1; we do.
func (g *glibc) entry(n uint32) uint32 {
	return min(uint32(uint64(n)*uint64(g.next())/(1<<31-1)), n-1)
}
