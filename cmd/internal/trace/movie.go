package trace

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"

	"pushcast/node"
	"pushcast/scenarios"
	"pushcast/sim"
)

// Bounds of a movie: what a page shows, and a reader can follow.
const (
	MaxMoviePeers  = 400
	MaxMoviePushes = 60_000
	// A stretch without an end is so long, or has so many pushes.
	movieLength = 10 * node.Second
	moviePushes = 20_000
)

// TooMuch is why a run makes no movie: another stretch of it, or another run, may.
type TooMuch struct{ why string }

func (e *TooMuch) Error() string { return e.why }

// What becomes of a push, as the page's script knows it.
const (
	underway  = iota // when the stretch ends
	isFirst          // the first copy
	isAgain          // a copy of what was there
	isWasted         // late, or at somebody who is not there, or at the source
	vanished         // lost, dropped, cut off, spoiled
	fromStart = -1
)

// Movie writes a page with a script of its own, on which chunks spread over the peers as time
// goes on. It keeps the pushes of its stretch until the end.
type Movie struct {
	out     io.Writer
	title   string
	want    Selection
	from    node.Time
	until   node.Time
	bounded bool // somebody has said where the stretch ends
	run     movieRun
	flying  map[flight][]int // pushes underway, by number
	up      []bool
	last    node.Time // of the pushes written down so far
}

type flight struct {
	from, to node.PeerID
	chunk    node.ChunkID
}

// movieRun is the data of the page. Times are in microseconds, those of births and changes
// from the beginning of the stretch, of pushes from the push before.
type movieRun struct {
	Peers  int        `json:"peers"`
	From   string     `json:"from"`
	Start  int64      `json:"start"`
	Length int64      `json:"length"`
	Up     []int      `json:"up"`     // 1 for the peers that are up at the beginning, from 0, the source
	Chunks [][2]int64 `json:"chunks"` // of those born in the stretch: id, birth
	Turns  [][3]int64 `json:"turns"`  // who joins or leaves: when, who, 1 or 0
	Pushes [][6]int64 `json:"pushes"` // after, takes, from, to, chunk, what becomes of it
	Gains  [][4]int64 `json:"gains"`  // chunks computed from others: when, who, chunk, hops
}

//go:embed movie.html
var moviePage string

//go:embed movie.js
var movieScript string

var movieTemplate = template.Must(template.New("movie").Parse(moviePage))

// NewMovie begins a page; the title says what run it is. Where want has no end, the stretch
// ends by itself.
func NewMovie(w io.Writer, title string, c *sim.Config, want Selection) (*Movie, error) {
	if c.Peers > MaxMoviePeers {
		return nil, &TooMuch{fmt.Sprintf("%d peers are more than an animation shows: at most %d, as with -s peers=100", c.Peers, MaxMoviePeers)}
	}
	m := &Movie{out: w, title: title, want: want, from: want.From, until: want.To, bounded: want.To > 0,
		flying: map[flight][]int{}, up: make([]bool, c.Peers+1)}
	if !m.bounded {
		m.until = min(want.From+movieLength, c.Duration)
	}
	m.up[0] = true
	m.run.Peers, m.run.From, m.run.Start = c.Peers, scenarios.FormatTime(m.from), int64(m.from/node.Microsecond)
	m.run.Chunks, m.run.Turns, m.run.Pushes, m.run.Gains = [][2]int64{}, [][3]int64{}, [][6]int64{}, [][4]int64{}
	return m, nil
}

// Until is when the stretch ends.
func (m *Movie) Until() node.Time { return m.until }

// since is the time from the beginning of the stretch.
func (m *Movie) since(t node.Time) int64 { return int64((t - m.from) / node.Microsecond) }

// Event notes what the page shows.
func (m *Movie) Event(_ *sim.World, e *sim.Event) error {
	if e.At >= m.until {
		return nil
	}
	who := int(sim.ReceiverOf(e.Peer))
	if e.What == sim.Joined || e.What == sim.Left {
		m.turn(e, who)
		return nil
	}
	if e.At < m.from {
		return nil
	}
	switch e.What {
	case sim.Born:
		if len(m.want.Chunks) == 0 || slices.Contains(m.want.Chunks, e.Chunk) {
			m.run.Chunks = append(m.run.Chunks, [2]int64{int64(e.Chunk), m.since(e.At)})
		}
	case sim.Sent:
		return m.sent(e)
	case sim.First:
		m.arrives(e, e.Other, e.Peer, isFirst)
	case sim.Recovered:
		if m.want.event(e) {
			m.run.Gains = append(m.run.Gains, [4]int64{m.since(e.At), int64(who), int64(e.Chunk), int64(e.Hops)})
		}
	case sim.Again:
		m.arrives(e, e.Other, e.Peer, isAgain)
	case sim.Late, sim.ToNobody, sim.ToSource:
		m.arrives(e, e.Other, e.Peer, isWasted)
	case sim.Lost, sim.Dropped, sim.Cut, sim.Spoiled:
		if !m.arrives(e, e.Peer, e.Other, vanished) {
			m.arrives(e, e.Other, e.Peer, vanished)
		}
	}
	return nil
}

func (m *Movie) turn(e *sim.Event, who int) {
	is := int64(0)
	if e.What == sim.Joined {
		is = 1
	}
	if e.At <= m.from {
		m.up[who] = is == 1
	} else {
		m.run.Turns = append(m.run.Turns, [3]int64{m.since(e.At), int64(who), is})
	}
}

func (m *Movie) sent(e *sim.Event) error {
	if !m.want.event(e) {
		return nil
	}
	switch n := len(m.run.Pushes); {
	case !m.bounded && n == moviePushes:
		m.until = e.At // what came before is enough
		return nil
	case n == MaxMoviePushes:
		return &TooMuch{fmt.Sprintf("over %d pushes between %s and %s are more than a page holds: a shorter stretch with --from and --to, or some chunks with --chunk",
			MaxMoviePushes, scenarios.FormatTime(m.from), scenarios.FormatTime(m.until))}
	}
	if len(m.run.Pushes) == 0 {
		m.last = m.from
	}
	f := flight{e.Peer, e.Other, e.Chunk}
	m.flying[f] = append(m.flying[f], len(m.run.Pushes))
	at := e.At / node.Microsecond
	m.run.Pushes = append(m.run.Pushes, [6]int64{int64(at - m.last/node.Microsecond), fromStart,
		int64(sim.ReceiverOf(e.Peer)), int64(sim.ReceiverOf(e.Other)), int64(e.Chunk), underway})
	m.last = e.At
	return nil
}

// arrives says what becomes of the earliest such push; false where none is underway.
func (m *Movie) arrives(e *sim.Event, from, to node.PeerID, what int64) bool {
	f := flight{from, to, e.Chunk}
	list := m.flying[f]
	if len(list) == 0 {
		return false // sent before the stretch, or not wanted
	}
	p := &m.run.Pushes[list[0]]
	p[1], p[5] = m.since(e.At), what // when; End makes it how long
	if list = list[1:]; len(list) == 0 {
		delete(m.flying, f)
	} else {
		m.flying[f] = list
	}
	return true
}

// End writes the page.
func (m *Movie) End(w *sim.World) error {
	m.run.Length = m.since(min(m.until, w.Now()))
	at := int64(0)
	for i := range m.run.Pushes {
		p := &m.run.Pushes[i]
		if at += p[0]; p[1] == fromStart {
			p[1] = m.run.Length
		}
		p[1] = max(0, p[1]-at)
	}
	for _, up := range m.up {
		is := 0
		if up {
			is = 1
		}
		m.run.Up = append(m.run.Up, is)
	}
	data, err := json.Marshal(&m.run) // which escapes what could end a script
	if err != nil {
		return err
	}
	return movieTemplate.Execute(m.out, map[string]any{"Title": m.title, "Data": template.JS(data), "Script": template.JS(movieScript)})
}
