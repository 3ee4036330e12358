package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"pushcast/sim"
)

// event is an event of churn: its keys with canonical values.
type event struct{ said map[string]string }

// eventKeys are the keys of an event, in canonical order. The kinds come after at and
// for.
var eventKeys = []struct {
	key, about string
	canonical  func(text string) (string, error)
	choices    []string // the named alternatives, where it has such
}{
	{"at", "when it happens", canonicalTime, nil},
	{"for", "for how long it holds", canonicalTime, nil},
	{"leave", "share of the receivers that leave at once", canonicalShare, nil},
	{"join", "share of the receivers that join at once, and not before", canonicalShare, nil},
	{"partition", "share of the receivers that is cut off from the rest and the source", canonicalShare, nil},
	{"dark", "class that reaches nobody, and is not reached", canonicalWord, nil},
	{"pause", "source: it makes no chunks", func(text string) (string, error) {
		if text != sourceClass {
			return "", errors.New("only the source pauses: write pause: source")
		}
		return text, nil
	}, []string{sourceClass}},
	{"loss", "a further loss of all datagrams", canonicalShare, nil},
	{"way", "which way a partition is shut: both, in, out", func(text string) (string, error) {
		if !slices.Contains(ways, text) {
			return "", oneOf(text, ways)
		}
		return text, nil
	}, ways},
}

var ways = []string{"both", "in", "out"} // by sim.Way

// eventKinds are those of eventKeys that say what happens, by sim.ChangeKind.
var eventKinds = []string{"leave", "join", "partition", "dark", "pause", "loss"}

func canonicalTime(text string) (string, error) {
	t, err := parseTime(text)
	if err == nil && t > sim.MaxTime {
		err = errors.New("is more than a year")
	}
	return formatTime(t), err
}

func canonicalShare(text string) (string, error) {
	p, err := parsePercent(text)
	return formatPercent(p), err
}

func canonicalWord(text string) (string, error) {
	if !isClassName(text) {
		return "", errors.New("want the name of a class")
	}
	return text, nil
}

// EventKeys lists what may be said of an event of churn, by bare names.
func EventKeys() (keys []Key) {
	for _, k := range eventKeys {
		keys = append(keys, Key{Path: k.key, About: k.about, Choices: k.choices})
	}
	return keys
}

// eventField is a key of the n-th event, from 1.
func eventField(n int, key string) *field {
	for _, k := range eventKeys {
		if k.key != key {
			continue
		}
		return &field{
			path: eventPrefix + strconv.Itoa(n) + "." + key,
			set: func(s *settings, text string) error {
				canonical, err := k.canonical(text)
				if err != nil {
					return err
				}
				for len(s.events) < n {
					s.events = append(s.events, event{map[string]string{}})
				}
				s.events[n-1].said[key] = canonical
				return nil
			},
			get: func(s *settings) string {
				if n <= len(s.events) {
					return s.events[n-1].said[key]
				}
				return ""
			},
		}
	}
	return nil
}

// changes are the events as the simulator has them. They must be free of conflicts.
func (s *settings) changes() (list []sim.Change) {
	for i := range s.events {
		said := s.events[i].said
		var ch sim.Change
		ch.At, _ = parseTime(said["at"])
		if text, has := said["for"]; has {
			ch.For, _ = parseTime(text)
		}
		for kind, key := range eventKinds {
			text, has := said[key]
			if !has {
				continue
			}
			ch.Kind = sim.ChangeKind(kind)
			switch ch.Kind {
			case sim.Dark:
				ch.Class = s.receiverClass(text)
			case sim.Pause:
			case sim.Loss:
				ch.Loss, _ = parsePercent(text)
			default:
				ch.Share, _ = parsePercent(text)
			}
		}
		if text, has := said["way"]; has {
			ch.Way = sim.Way(slices.Index(ways, text))
		}
		list = append(list, ch)
	}
	return list
}

// eventConflict finds what an event may not say.
func (s *settings) eventConflict(i int) *conflict {
	said := s.events[i].said
	place := eventPrefix + strconv.Itoa(i+1)
	blame := func(key, format string, args ...any) *conflict {
		path := place
		if key != "" {
			path += "." + key
		}
		return &conflict{path: path, message: fmt.Sprintf("event %d: ", i+1) + fmt.Sprintf(format, args...)}
	}
	kind := ""
	for _, key := range eventKinds {
		if said[key] != "" {
			if kind != "" {
				return blame(key, "says both %s and %s; make two events of it", kind, key)
			}
			kind = key
		}
	}
	at, _ := parseTime(said["at"])
	lasts := kind != "leave" && kind != "join"
	switch {
	case kind == "":
		return blame("", "says not what happens; want one of %s", strings.Join(eventKinds, ", "))
	case said["at"] == "":
		return blame("", "says not when; write at: 30s")
	case at >= s.duration:
		return blame("at", "is at %s, after the run's duration of %s", formatTime(at), formatTime(s.duration))
	case lasts && (said["for"] == "" || said["for"] == "0s"):
		return blame("", "says not for how long; write for: 10s")
	case !lasts && said["for"] != "":
		return blame("for", "%s happens at once; remove for", kind)
	case said["way"] != "" && kind != "partition":
		return blame("way", "only a partition has a way; remove it")
	case kind == "dark" && s.receiverClass(said["dark"]) < 0:
		return blame("dark", "there is no class %s", said["dark"])
	}
	return nil
}
