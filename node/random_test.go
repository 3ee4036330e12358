package node

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestSplitMix64 holds the generator to the values that its authors publish
// for the seed 1234567.
func TestSplitMix64(t *testing.T) {
	r := Rand{1234567}
	for i, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821} {
		if got := r.Uint64(); got != want {
			t.Errorf("draw %d is %d, must be %d", i, got, want)
		}
	}
}

// TestGlibc: the first draws of rand() unseeded (dumbstreamer.md 3.3).
func TestGlibc(t *testing.T) {
	g := newGlibc(1)
	for i, want := range []uint32{1804289383, 846930886, 1681692777, 1714636915, 1957747793, 424238335, 719885386, 1649760492} {
		if got := g.next(); got != want {
			t.Errorf("draw %d is %d, must be %d", i, got, want)
		}
	}
}

func TestMixIsABijection(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if x := rapid.Uint64().Draw(t, "x"); Unmix(Mix(x)) != x || Mix(Unmix(x)) != x {
			t.Fatalf("%x does not come back", x)
		}
	})
}

func TestLn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(1e-300, 1e300).Draw(t, "x")
		if got, want := Log(x), math.Log(x); math.Abs(got-want) > 1e-14*max(1, math.Abs(want)) {
			t.Fatalf("Log(%g) is %v, must be %v", x, got, want)
		}
	})
	// Bit for bit the same everywhere.
	for x, want := range map[float64]uint64{0.5: 0xbfe62e42fefa39ef, 1: 0, 10: 0x40026bb1bbb55515} {
		if got := math.Float64bits(Log(x)); got != want {
			t.Errorf("Log(%g) is %#x, must be %#x", x, got, want)
		}
	}
}

// TestLaws: Below and Span are uniform, Exp is exponential.
func TestLaws(t *testing.T) {
	r := Stream(1, ForPush, 2)
	const n, draws = 10, 100_000
	var count [n]float64
	for range draws {
		count[r.Below(n)]++
	}
	chi := 0.0
	for _, c := range count {
		chi += (c - draws/n) * (c - draws/n) / (draws / n)
	}
	if chi > 27.9 { // 9 degrees, p = 0.001
		t.Errorf("Below is not uniform: %v", count)
	}
	var sum, squares float64
	for range draws {
		x := r.Exp(Second).Seconds()
		sum += x
		squares += x * x
	}
	mean := sum / draws
	if sd := math.Sqrt(squares/draws - mean*mean); math.Abs(mean-1) > 0.015 || math.Abs(sd-1) > 0.03 {
		t.Errorf("Exp has mean %.4f and deviation %.4f, must have 1 and 1", mean, sd)
	}
	for range 1000 {
		if s := r.Span(7); s < 0 || s >= 7 {
			t.Fatalf("Span(7) gives %d", s)
		}
	}
}

// TestStreams: purposes and owners have streams of their own.
func TestStreams(t *testing.T) {
	seen := map[uint64]bool{}
	for seed := range uint64(4) {
		for purpose := ForPhase; purpose <= ForJitter; purpose++ {
			for owner := range uint64(50) {
				r := Stream(seed, purpose, owner)
				if x := r.Uint64(); seen[x] {
					t.Fatalf("two streams begin with %x", x)
				} else {
					seen[x] = true
				}
			}
		}
	}
}
