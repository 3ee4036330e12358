package node

import "math/bits"

// register is a shift register of bits: bit i says something about the chunk i
// places away from a base that only moves forward. Up to 64 bits live in the
// value itself, so that the usual window costs no second cache line.
type register struct {
	lo uint64   // bits 0 … 63
	hi []uint64 // the further ones
}

// newRegister makes a register of at least size bits, all zero.
func newRegister(size int) register {
	if size <= 64 {
		return register{}
	}
	return register{hi: make([]uint64, (size-1)/64)}
}

// word gives the i-th 64 bits.
func (r *register) word(i int) *uint64 {
	if i == 0 {
		return &r.lo
	}
	return &r.hi[i-1]
}

func (r *register) get(i uint32) bool {
	if i < 64 {
		return r.lo>>i&1 != 0
	}
	w := i/64 - 1
	return w < uint32(len(r.hi)) && r.hi[w]>>(i%64)&1 != 0
}

func (r *register) clear() {
	r.lo = 0
	clear(r.hi)
}

func (r *register) set(i uint32) { *r.word(int(i / 64)) |= 1 << (i % 64) }

// up moves every bit to the index d higher and forgets those that reach size
// or beyond.
func (r *register) up(d, size uint32) {
	if r.hi == nil {
		r.lo = r.lo << d & (1<<size - 1) // shifts of 64 and more give zero
		return
	}
	words, step, rest := len(r.hi)+1, int(d/64), d%64
	for i := words - 1; i >= 0; i-- {
		var w uint64
		if i >= step {
			w = *r.word(i - step) << rest
			if i > step && rest > 0 {
				w |= *r.word(i - step - 1) >> (64 - rest)
			}
		}
		*r.word(i) = w
	}
	if size%64 != 0 {
		*r.word(words - 1) &= 1<<(size%64) - 1
	}
}

// down moves every bit to the index d lower and forgets those that would pass
// zero.
func (r *register) down(d uint32) {
	if r.hi == nil {
		r.lo >>= d
		return
	}
	words, step, rest := len(r.hi)+1, int(d/64), d%64
	for i := range words {
		var w uint64
		if i+step < words {
			w = *r.word(i + step) >> rest
			if i+step+1 < words && rest > 0 {
				w |= *r.word(i + step + 1) << (64 - rest)
			}
		}
		*r.word(i) = w
	}
}

func (r *register) count() uint32 {
	n := bits.OnesCount64(r.lo)
	for _, w := range r.hi {
		n += bits.OnesCount64(w)
	}
	return uint32(n)
}

// first gives the index of the lowest bit that is set; ok is false where none is.
func (r *register) first() (i uint32, ok bool) {
	if r.lo != 0 {
		return uint32(bits.TrailingZeros64(r.lo)), true
	}
	for k, w := range r.hi {
		if w != 0 {
			return uint32(64*(k+1) + bits.TrailingZeros64(w)), true
		}
	}
	return 0, false
}

// nth gives the index of the k-th set bit from below, k counting from 0; at
// least k+1 must be set.
func (r *register) nth(k uint32) uint32 {
	c := uint32(bits.OnesCount64(r.lo))
	if k < c {
		return nthOfWord(r.lo, k)
	}
	for i, w := range r.hi {
		k -= c
		c = uint32(bits.OnesCount64(w))
		if k < c {
			return uint32(64*(i+1)) + nthOfWord(w, k)
		}
	}
	panic("node: register.nth past the last set bit")
}

// nthOfWord gives the index of the k-th set bit of w, without a branch: prefix
// sums of the bytes' counts find the byte, a table the bit (Vigna: Broadword
// implementation of rank/select queries, WEA 2008, section 4).
func nthOfWord(w uint64, k uint32) uint32 {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	s := w - w>>1&0x5555555555555555
	s = s&0x3333333333333333 + s>>2&0x3333333333333333
	s = (s + s>>4) & 0x0f0f0f0f0f0f0f0f * ones
	below := ((uint64(k)*ones | tops) - s) & tops // a top bit in each byte whose sum is ≤ k
	shift := uint32(bits.OnesCount64(below)) * 8
	k -= uint32(s << 8 >> shift & 0xff)
	return shift + uint32(nthOfByte[k&7][w>>shift&0xff])
}

// nthOfByte[k][b] is the index of the k-th set bit of b.
var nthOfByte = func() (t [8][256]uint8) {
	for b := range 256 {
		k := 0
		for i := range 8 {
			if b>>i&1 != 0 {
				t[k][b] = uint8(i)
				k++
			}
		}
	}
	return t
}()
