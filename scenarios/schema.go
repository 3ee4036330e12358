package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"pushcast/node"
	"pushcast/sim"
)

// field is one key of the schema.
type field struct {
	path  string // section.key
	start string // its default, as one would write it
	about string
	set   func(s *settings, text string) error // the error says what to write
	get   func(s *settings) string             // canonical: set(get) changes nothing

	choices []string // the named alternatives, where it has such
}

// Key is what others may know of a key of the schema.
type Key struct {
	Path, About string
	Default     string   // canonical; empty where it depends on other keys
	Choices     []string // the named alternatives, where it has such
}

// Schema lists every key, in the order of canonical parameters.
func Schema() (keys []Key) {
	start := defaults()
	for i := range fields {
		f := &fields[i]
		k := Key{Path: f.path, About: f.about, Choices: f.choices}
		if f.start != "" {
			k.Default = f.get(&start)
		}
		keys = append(keys, k)
	}
	return keys
}

// fields is every key, in the order of canonical parameters, but for those that a
// scenario names itself; see own. Keys whose default is empty are filled in from others;
// see settings.fillIn.
var fields = spoken(slices.Concat(swarmFields, fecFields, toldFields, hoodFields, theoryFields, networkFields, churnFields))

// spoken has every key refuse a value without a letter, which its parser need not expect.
func spoken(all []field) []field {
	for i := range all {
		set := all[i].set
		all[i].set = func(s *settings, text string) error {
			if strings.TrimSpace(text) == "" {
				return errors.New("there is no value")
			}
			return set(s, text)
		}
	}
	return all
}

var swarmFields = []field{
	timeField("stream.period", "40ms", "one chunk every…", node.Microsecond, func(s *settings) *node.Time { return &s.period }),
	{"stream.chunk", "1128B", "payload of a chunk, 1B to 65486B, which is what a datagram carries",
		func(s *settings, text string) (err error) {
			if s.chunk, err = parseSize(text); err == nil && (s.chunk < 1 || s.chunk > sim.MaxChunkSize) {
				err = fmt.Errorf("must be 1B to %dB, what one datagram carries", sim.MaxChunkSize)
			}
			return err
		},
		func(s *settings) string { return formatSize(s.chunk) }, nil},
	timeField("stream.duration", "60s", "length of the run", node.Millisecond, func(s *settings) *node.Time { return &s.duration }),
	{"stream.measure", "", "chunks born in this range count; the default leaves a sixth of the run at both ends",
		func(s *settings, text string) (err error) {
			if s.from, s.to, err = parseSpan(text); err == nil && s.from == s.to {
				err = errors.New("want a range, as 10s..50s")
			}
			return err
		},
		func(s *settings) string { return formatSpan(s.from, s.to) }, nil},

	countField("swarm.peers", "100", "receivers; the source is one more", 1, sim.MaxPeers, func(s *settings) *int { return &s.peers }),
	nameField("swarm.overlay", "random", "who knows whom",
		[]string{"full", "random", "ring", "newscast", "cyclon", "gamma", "regular"}, func(s *settings) *sim.Overlay { return &s.overlay }),
	countField("swarm.view", "20", "neighbours each peer knows", 1, node.MaxView, func(s *settings) *int { return &s.view }),
	countField("swarm.copies", "3", "times the source sends each chunk", 0, node.MaxCopies, func(s *settings) *int { return &s.copies }),
	{"swarm.rate", "4x", "chunks a peer pushes: 100/s, or a multiple of the stream's chunk rate; 0/s never; adaptive: as fast as the upload link drains, at most 8x, and not where there is nothing new to push",
		func(s *settings, text string) (err error) { s.rate, err = parseRate(text); return err },
		func(s *settings) string { return s.rate.String() }, nil},
	countField("swarm.buffer", "16", "chunks kept for pushing; with push: stripes and offer 192 by default", 1, node.MaxBuffer, func(s *settings) *int { return &s.buffer }),
	pushField(),
	countField("swarm.stripes", strconv.Itoa(node.DefaultStripes), "push: stripes: trees that chunks go down in turn", 1, node.MaxStripes, func(s *settings) *int { return &s.stripes }),
	timeField("swarm.report", "1.5s", "push: stripes: partners are told again what a peer holds, serves and wants every…", 10*node.Millisecond, func(s *settings) *node.Time { return &s.report }),
	boolField("swarm.repair", "true", "push: stripes and offer, knowledge: maps: chunks that are missing are asked for", func(s *settings) *bool { return &s.repair }),
	timeField("swarm.patience", "", "repair: at least so much later than usual a chunk is asked for; default 100ms, with push: offer 1s, with knowledge: maps 600ms", 0, func(s *settings) *node.Time { return &s.patience }),
	nameField("swarm.policy", "top", "buffer discipline: what is kept; push: stripes and offer have window",
		[]string{"top", "top-dup", "fifo", "window"}, func(s *settings) *node.Policy { return &s.policy }),
	nameField("swarm.ticks", "random", "how pushes follow each other: with random phase, on common instants, after exponential gaps, or from joining on",
		[]string{"random", "synchronous", "poisson", "immediate"}, func(s *settings) *node.Ticks { return &s.ticks }),
	countField("swarm.window", "64", "slots of the output's reorder window; 0 puts nothing out", 0, node.MaxWindow, func(s *settings) *int { return &s.window }),
	{"swarm.deadline", "5s", "later than this is missed; or none",
		func(s *settings, text string) (err error) {
			if text == "none" {
				s.deadline = 0
				return nil
			}
			if s.deadline, err = parseTime(text); err == nil && s.deadline == 0 {
				err = errors.New("must be more than 0s; write none to wait till the end")
			}
			return bounded(err, s.deadline)
		},
		func(s *settings) string {
			if s.deadline == 0 {
				return "none"
			}
			return formatTime(s.deadline)
		}, nil},
	timeField("swarm.grace", "", "a peer's chunks count from this long after its joining; default: the deadline, 0s if that is none", 0, func(s *settings) *node.Time { return &s.grace }),
	boolField("swarm.sourceInViews", "true", "peers know the source, and push to it in vain", func(s *settings) *bool { return &s.sourceInViews }),
	nameField("swarm.rng", "split", "independent random streams, or the original's one rand() seeded alike in every peer",
		[]string{"split", "original"}, func(s *settings) *node.Generator { return &s.rng }),
	timeField("swarm.gossip", "10s", "newscast, cyclon: from one view exchange to the next, a cycle", node.Millisecond, func(s *settings) *node.Time { return &s.gossip }),
	countField("swarm.gossipCheck", "0", "newscast, cyclon: the gossip timer is looked at every so many ticks, the original's way, with 10; 0: it wakes the peer", 0, 1<<20, func(s *settings) *int { return &s.gossipCheck }),
	boolField("swarm.stagger", "true", "newscast, cyclon: a peer's first exchange comes after a random part of a cycle; else after a whole one", func(s *settings) *bool { return &s.stagger }),
	countField("swarm.shuffle", "", "cyclon: entries that an exchange swaps; default 8, or the view if that is less", 1, node.MaxView, func(s *settings) *int { return &s.shuffle }),
	countField("swarm.maxAge", "", "newscast, cyclon: entries not heard of for so many cycles are dropped; 0 never; default 5, with cyclon 0", 0, 1<<20, func(s *settings) *int { return &s.maxAge }),
	boolField("swarm.dropSilent", "true", "newscast: who does not answer is dropped", func(s *settings) *bool { return &s.dropSilent }),
	boolField("swarm.ageReplies", "true", "newscast: entries in a reply are aged by one", func(s *settings) *bool { return &s.ageReplies }),
	boolField("swarm.rejoin", "true", "newscast, cyclon: an empty view asks the source again", func(s *settings) *bool { return &s.rejoin }),
	timeField("swarm.retry", "", "newscast, cyclon: an exchange that is not answered is begun again after this, a join too; then after twice as long, at most a cycle; 0s never; default a quarter of gossip, at most 500ms", 0, func(s *settings) *node.Time { return &s.retry }),
	countField("swarm.joinWalk", "3", "newscast, cyclon: view exchanges that follow at once on the answer to a join, and who joins displaces nobody; 0: neither", 0, node.MaxJoinWalk, func(s *settings) *int { return &s.joinWalk }),
	countField("swarm.remember", "16", "newscast, cyclon: peers once known that are kept in mind, so that parted halves find together", 0, node.MaxRemember, func(s *settings) *int { return &s.remember }),
	countField("swarm.recallEvery", "50", "newscast, cyclon: one of them is asked in place of a neighbour in so many cycles on average, sooner by a view with free places", 1, 1<<20, func(s *settings) *int { return &s.recallEvery }),
}

// oneOf is the error of a name that is none of names.
func oneOf(text string, names []string) error {
	message := "want one of " + strings.Join(names, ", ")
	if c := nearest(text, names); c != "" {
		message += fmt.Sprintf("; did you mean %q?", c)
	}
	return errors.New(message)
}

// bounded refuses times of which a run cannot make sense.
func bounded(err error, t node.Time) error {
	if err == nil && t > 3600*node.Second {
		return errors.New("is more than an hour")
	}
	return err
}

func timeField(path, start, about string, least node.Time, at func(*settings) *node.Time) field {
	return field{path, start, about,
		func(s *settings, text string) error {
			t, err := parseTime(text)
			*at(s) = t
			switch {
			case err != nil:
				return err
			case t < least:
				return fmt.Errorf("must be at least %s", formatTime(least))
			case t > sim.MaxTime:
				return errors.New("is more than a year")
			case path != "stream.duration":
				return bounded(nil, t)
			}
			return nil
		},
		func(s *settings) string { return formatTime(*at(s)) }, nil}
}

func countField(path, start, about string, least, most int, at func(*settings) *int) field {
	return field{path, start, about,
		func(s *settings, text string) (err error) { *at(s), err = parseCount(text, least, most); return err },
		func(s *settings) string { return strconv.Itoa(*at(s)) }, nil}
}

func boolField(path, start, about string, at func(*settings) *bool) field {
	return field{path, start, about,
		func(s *settings, text string) error {
			if text != "true" && text != "false" {
				return errors.New("want true or false")
			}
			*at(s) = text == "true"
			return nil
		},
		func(s *settings) string { return strconv.FormatBool(*at(s)) }, []string{"true", "false"}}
}

// nameField is a choice; names stand in the order of the type's values.
func nameField[T ~uint8](path, start, about string, names []string, at func(*settings) *T) field {
	return field{path, start, about + ": " + strings.Join(names, ", "),
		func(s *settings, text string) error {
			for i, name := range names {
				if name == text {
					*at(s) = T(i)
					return nil
				}
			}
			return oneOf(text, names)
		},
		func(s *settings) string { return names[*at(s)] }, names}
}
