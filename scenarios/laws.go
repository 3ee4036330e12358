package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"pushcast/node"
	"pushcast/node/law"
)

// lawValue is a law as a scenario writes it: weibull mean 300s shape 0.6. A sample lies
// in a file, and is read when the scenario is put together.
type lawValue struct {
	law  law.Law
	file fileValue // of a sample that is read from a file
}

// lawForms tells how each law is written.
var lawForms = map[law.Kind]string{
	law.Uniform:   "uniform to 600s",
	law.Exp:       "exp mean 300s",
	law.Normal:    "normal mean 300s sd 60s",
	law.LogNormal: "lognormal mean 300s sd 100s",
	law.Pareto:    "pareto mean 300s shape 2.5",
	law.Weibull:   "weibull mean 300s shape 0.6",
}

// parseLaw reads the laws that have a name.
func parseLaw(text string) (l law.Law, err error) {
	words := strings.Fields(text)
	kind := law.Kind(slices.Index(law.Names[:], words[0]))
	form, known := lawForms[kind]
	if !known {
		var names []string
		for k := range law.Kind(len(law.Names)) {
			if lawForms[k] != "" {
				names = append(names, law.Names[k])
			}
		}
		return l, oneOf(words[0], names)
	}
	want := strings.Fields(form)
	if len(words) != len(want) {
		return l, fmt.Errorf("want it as %s", form)
	}
	l.Kind = kind
	for i := 1; i < len(words); i += 2 {
		if words[i] != want[i] {
			return l, fmt.Errorf("want it as %s", form)
		}
		switch words[i] {
		case "mean":
			l.Mean, err = parseTime(words[i+1])
		case "to":
			l.Max, err = parseTime(words[i+1])
		case "sd":
			l.SD, err = parseTime(words[i+1])
		case "shape":
			r, ok := exact(words[i+1])
			if !ok {
				return l, errors.New("shape must be a plain number, as 0.6")
			}
			l.Shape, _ = r.Float64()
		}
		if err != nil {
			return l, fmt.Errorf("%s: %w", words[i], err)
		}
	}
	if err := l.Validate(); err != nil {
		return l, errors.New(strings.TrimPrefix(err.Error(), "law: "))
	}
	return l, nil
}

// formatLaw is what parseLaw undoes.
func formatLaw(l law.Law) string {
	text := law.Names[l.Kind]
	if l.Kind == law.Uniform {
		return text + " to " + formatTime(l.Max)
	}
	text += " mean " + formatTime(l.Mean)
	switch l.Kind {
	case law.Normal, law.LogNormal:
		text += " sd " + formatTime(l.SD)
	case law.Pareto, law.Weibull:
		text += " shape " + strconv.FormatFloat(l.Shape, 'f', -1, 64)
	}
	return text
}

// jitterField is a law that a plain time makes uniform from 0.
func jitterField(path, start, about string) field {
	return field{path, start, about,
		func(s *settings, text string) (err error) {
			if text[0] >= '0' && text[0] <= '9' || text[0] == '-' {
				s.jitter = law.Law{}
				most, err := parseTime(text)
				if most > 0 {
					s.jitter = law.Law{Kind: law.Uniform, Max: most}
				}
				return bounded(err, most)
			}
			if s.jitter, err = parseLaw(text); err == nil {
				err = bounded(nil, max(s.jitter.Mean, s.jitter.Max))
			}
			return err
		},
		func(s *settings) string {
			switch s.jitter.Kind {
			case law.None:
				return "0s"
			case law.Uniform:
				return formatTime(s.jitter.Max)
			}
			return formatLaw(s.jitter)
		}, nil}
}

// stayField is a law of stays: for ever, a time, a law, or a file of times.
func stayField(path, about string, at func(*settings) *lawValue) field {
	return field{path, "forever", about,
		func(s *settings, text string) (err error) {
			v := at(s)
			*v = lawValue{}
			switch name, isFile := strings.CutPrefix(text, "file "); {
			case text == "forever":
				return nil
			case isFile:
				v.law.Kind = law.Sample
				v.file, err = parseFile(name)
				return err
			case text[0] >= '0' && text[0] <= '9' || text[0] == '-':
				t, err := parseTime(text)
				if err == nil && (t < node.Millisecond || t > law.MaxTime) {
					err = errors.New("must be 1ms to 10 years")
				}
				v.law = law.Law{Kind: law.Sample, Values: []node.Time{t}}
				return err
			}
			if v.law, err = parseLaw(text); err == nil && max(v.law.Mean, v.law.Max) < node.Millisecond {
				err = errors.New("must be at least 1ms in the mean")
			}
			return err
		},
		func(s *settings) string {
			switch v := at(s); {
			case v.law.Kind == law.None:
				return "forever"
			case v.file.name != "":
				return "file " + v.file.String()
			case v.law.Kind == law.Sample:
				return formatTime(v.law.Values[0])
			default:
				return formatLaw(v.law)
			}
		}, nil}
}

// readSample reads a file of times, one a line: 312.5s. Empty lines and what follows a #
// are left out.
func readSample(name string, src []byte) (values []node.Time, err error) {
	for i, line := range strings.Split(string(src), "\n") {
		text, _, _ := strings.Cut(line, "#")
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		t, err := parseTime(text)
		if err == nil && t > law.MaxTime {
			err = errors.New("is more than 10 years")
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %s is wrong: %w", name, i+1, quote(text), err)
		}
		if values = append(values, t); len(values) > law.MaxValues {
			return nil, fmt.Errorf("%s has more than %d times", name, law.MaxValues)
		}
	}
	if len(values) == 0 {
		return nil, fmt.Errorf("%s has no times; want one a line, as 312.5s", name)
	}
	if sample := (law.Law{Kind: law.Sample, Values: values}); sample.Average() < node.Millisecond {
		return nil, fmt.Errorf("the times in %s are less than 1ms in the mean", name)
	}
	return values, nil
}
