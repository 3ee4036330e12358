package fec_test

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"pushcast/net/fec"
	"pushcast/node"
)

func drawCode(t *rapid.T) node.Code {
	k := rapid.IntRange(1, 24).Draw(t, "data")
	return node.Code{Data: k, Repair: rapid.IntRange(1, 6).Draw(t, "repair")}
}

// TestAnyOfThem: any k chunks of a block bring the others back to the byte, however long
// each is; one fewer brings none.
func TestAnyOfThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := drawCode(t)
		e, err := fec.NewEncoder(code)
		if err != nil {
			t.Fatal(err)
		}
		d, err := fec.NewDecoder(code)
		if err != nil {
			t.Fatal(err)
		}
		for block := range 3 { // one after another, with the same memory
			payloads := make([][]byte, code.Data)
			for i := range payloads {
				payloads[i] = rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "payload")
				e.Add(uint64(1000*block+i), payloads[i])
			}
			repair := e.Repair()
			for i, p := range repair {
				if c, which, ok := fec.Parse(p); !ok || c != code || which != i {
					t.Fatalf("repair chunk %d of %v is number %d of %v, %v", i, code, which, c, ok)
				}
			}
			order := rapid.Permutation(upTo(code.Block())).Draw(t, "order")
			few := rapid.Bool().Draw(t, "too few")
			n := code.Data
			if few {
				n--
			}
			came := map[int]bool{}
			for _, i := range order[:n] {
				came[i] = true
				if i < code.Data {
					d.Data(i, uint64(1000*block+i), payloads[i])
				} else {
					d.Repair(i-code.Data, repair[i-code.Data])
				}
			}
			err := d.Recover(func(i int, timestamp uint64, payload []byte) {
				if came[i] || timestamp != uint64(1000*block+i) || !bytes.Equal(payload, payloads[i]) {
					t.Fatalf("chunk %d comes back as %q at %d, was %q", i, payload, timestamp, payloads[i])
				}
				came[i] = true
			})
			if few != errors.Is(err, fec.ErrFew) || !few && err != nil {
				t.Fatalf("%d chunks of %v: %v", n, code, err)
			}
			for i := range code.Data {
				if !few && !came[i] {
					t.Fatalf("chunk %d does not come back", i)
				}
			}
		}
	})
}

func upTo(n int) (list []int) {
	for i := range n {
		list = append(list, i)
	}
	return list
}

// TestLies: whatever comes as a repair chunk, what is made of it is an error or fits a
// datagram; and the next block is as if nothing had been.
func TestLies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := node.Code{Data: 3, Repair: 2}
		e, _ := fec.NewEncoder(code)
		d, _ := fec.NewDecoder(code)
		block := func() [][]byte {
			for range 3 {
				e.Add(7, []byte("chunk"))
			}
			return e.Repair()
		}
		forged := bytes.Clone(block()[0])
		for range rapid.IntRange(0, 4).Draw(t, "changes") {
			forged[rapid.IntRange(0, len(forged)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
		}
		forged = append(forged, make([]byte, rapid.IntRange(0, 3).Draw(t, "longer"))...)
		forged = forged[:rapid.IntRange(0, len(forged)).Draw(t, "cut")]
		d.Data(0, 7, rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "data"))
		d.Data(1, 7, []byte("chunk"))
		d.Repair(0, forged)
		_ = d.Recover(func(i int, _ uint64, payload []byte) {
			if i != 2 || len(payload) > len(forged) {
				t.Fatalf("chunk %d comes back with %d bytes, from a repair chunk of %d", i, len(payload), len(forged))
			}
		})
		repair, back := block(), false
		d.Data(0, 7, []byte("chunk"))
		d.Repair(0, repair[0])
		d.Repair(1, repair[1])
		if err := d.Recover(func(_ int, _ uint64, payload []byte) { back = string(payload) == "chunk" }); err != nil || !back {
			t.Fatalf("the block after it: %v", err)
		}
	})
}

// TestForeign: repair chunks of another code, place or length are refused.
func TestForeign(t *testing.T) {
	ours, theirs := node.Code{Data: 2, Repair: 2}, node.Code{Data: 3, Repair: 2}
	repairOf := func(code node.Code, payload string) [][]byte {
		e, _ := fec.NewEncoder(code)
		for range code.Data {
			e.Add(0, []byte(payload))
		}
		return e.Repair()
	}
	d, _ := fec.NewDecoder(ours)
	for what, take := range map[string]func(){
		"another code":   func() { d.Repair(0, repairOf(theirs, "abc")[0]) },
		"another place":  func() { d.Repair(0, repairOf(ours, "abc")[1]) },
		"another length": func() { d.Repair(0, repairOf(ours, "abc")[0]); d.Repair(1, repairOf(ours, "abcd")[1]) },
		"too short":      func() { d.Repair(0, repairOf(ours, "")[0]) },
	} {
		d.Data(0, 0, []byte("abc"))
		take()
		if err := d.Recover(func(int, uint64, []byte) { t.Errorf("%s: recovers", what) }); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	if _, err := fec.NewEncoder(node.Code{Data: 3}); err == nil {
		t.Error("a code without repair chunks is no code")
	}
	if _, err := fec.NewDecoder(node.Code{Data: 63, Repair: 2}); err == nil {
		t.Error("a block of 65 chunks is refused")
	}
}
