package node

// The period of the stream, where a peer follows it (Config.Follow). A newcomer asks
// its partners; each that knows tells, in µs. From the first chunk on everybody follows
// the births that chunks tell of by their ages, so that a stream may have a clock of its
// own, a false word is corrected, and no two clocks are compared.

// MinFollowed and MaxFollowed bound a period that is followed.
const (
	MinFollowed = 100 * Microsecond
	MaxFollowed = 10 * Second
)

// asksPeriod is what the head of a State to f says of the period.
func (m *mesh) asksPeriod(f *partner) uint32 {
	switch {
	case m.period == 0:
		return flagAsksPeriod
	case f.asks:
		return flagHasPeriod
	}
	return 0
}

// tellPeriod closes a State with the period, if it says so, in an entry of its own.
func (m *mesh) tellPeriod(f *partner, w *words) {
	if m.asksPeriod(f)&flagHasPeriod == 0 {
		return
	}
	if w.half {
		w.put(0)
	}
	w.put(uint32(m.period / Microsecond))
}

// hearPeriod takes in what a State says of the period: it counts until a chunk has come.
func (m *mesh) hearPeriod(cfg *Config, f *partner, entries []Entry) {
	head := Word(entries, 0)
	f.asks = head&flagAsksPeriod != 0
	if head&flagHasPeriod == 0 || !cfg.Follow || cfg.Role == Source || m.begun {
		return
	}
	if heard := Time(Word(entries, 2*len(entries)-2)) * Microsecond; heard >= MinFollowed && heard <= MaxFollowed {
		m.period = heard
	}
}

// follow moves the period by a little of what chunk c was born off its time, and the
// clock so that c stays where it is. (An alpha-beta filter; the clock moves by a
// sixteenth. A pause of the stream, which is off by much, is not its period.)
func (m *mesh) follow(c ChunkID, off Time) {
	most := 2 * m.period
	step := min(max(off, -most), most) / 1024
	step = min(max(m.period+step, MinFollowed), MaxFollowed) - m.period
	m.period += step
	m.clock -= Time(c) * step
}
