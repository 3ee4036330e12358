package scenarios

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"pushcast/node"
)

// Quantities are numbers with their units. Scenario files, flags and rules are
// all read by the functions here. Every parser has a formatter that it undoes:
// parse(format(x)) = x, and equal quantities have one format.

// parseTime reads a span of time: a number and its unit, as 40ms, 1.5s, 1m30s.
func parseTime(text string) (node.Time, error) {
	if isNumber(text) {
		return 0, fmt.Errorf("a time needs its unit: write %ss or %sms", text, text)
	}
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return 0, errors.New("want a time, as 40ms, 1.5s, 2m")
	case d < 0:
		return 0, errors.New("a time cannot be negative")
	}
	return node.Time(d), nil
}

func formatTime(t node.Time) string { return time.Duration(t).String() }

// parseSpan reads two times with .. between them, or one time, which is both.
func parseSpan(text string) (from, to node.Time, err error) {
	first, second, isRange := strings.Cut(text, "..")
	if from, err = parseTime(first); err != nil {
		return 0, 0, err
	}
	if !isRange {
		return from, from, nil
	}
	if to, err = parseTime(second); err != nil {
		return 0, 0, err
	}
	if to < from {
		return 0, 0, fmt.Errorf("the range runs backwards: write %s..%s", second, first)
	}
	return from, to, nil
}

func formatSpan(from, to node.Time) string {
	if from == to {
		return formatTime(from)
	}
	return formatTime(from) + ".." + formatTime(to)
}

// parseCount reads a whole number without a unit.
func parseCount(text string, least, most int) (int, error) {
	n, err := strconv.Atoi(text)
	switch {
	case err != nil && isNumber(text):
		return 0, fmt.Errorf("want a whole number from %d to %d", least, most)
	case err != nil || text[0] == '+' || text[0] == '0' && len(text) > 1:
		return 0, fmt.Errorf("want a plain number from %d to %d", least, most)
	case n < least || n > most:
		return 0, fmt.Errorf("must be %d to %d", least, most)
	}
	return n, nil
}

// sizeUnits are powers of 1000, and with an i of 1024.
var sizeUnits = []struct {
	name  string
	bytes int64
}{{"MiB", 1 << 20}, {"KiB", 1 << 10}, {"MB", 1e6}, {"kB", 1e3}, {"KB", 1e3}, {"B", 1}}

// parseSize reads a size in bytes: 1128B, 1.5kB, 2KiB.
func parseSize(text string) (int64, error) {
	if isNumber(text) {
		return 0, fmt.Errorf("a size needs its unit: write %sB", text)
	}
	for _, unit := range sizeUnits {
		digits, found := strings.CutSuffix(text, unit.name)
		if !found {
			continue
		}
		r, ok := exact(strings.TrimSpace(digits))
		if !ok || r.Sign() < 0 {
			break
		}
		r.Mul(r, new(big.Rat).SetInt64(unit.bytes))
		if !r.IsInt() {
			return 0, errors.New("is not a whole number of bytes")
		}
		if !r.Num().IsInt64() {
			return 0, errors.New("is far too large")
		}
		return r.Num().Int64(), nil
	}
	return 0, errors.New("want a size, as 1128B, 1.5kB, 2KiB")
}

func formatSize(bytes int64) string { return strconv.FormatInt(bytes, 10) + "B" }

// parsePercent reads a share as per cent: 1%, 0.5%.
func parsePercent(text string) (float64, error) {
	if isNumber(text) {
		return 0, fmt.Errorf("a share needs its unit: write %s%%", text)
	}
	digits, found := strings.CutSuffix(text, "%")
	r, ok := exact(strings.TrimSpace(digits))
	if !found || !ok {
		return 0, errors.New("want a share, as 1% or 0.5%")
	}
	if r.Sign() < 0 || r.Cmp(big.NewRat(100, 1)) > 0 {
		return 0, errors.New("must be 0% to 100%")
	}
	share, _ := r.Quo(r, big.NewRat(100, 1)).Float64()
	return share, nil
}

// formatPercent gives the shortest decimal that parses to the same share.
func formatPercent(share float64) string {
	for digits := 0; digits <= 20; digits++ {
		text := strconv.FormatFloat(share*100, 'f', digits, 64) + "%"
		if back, err := parsePercent(text); err == nil && back == share {
			return text
		}
	}
	// Rarely, share·100 rounds away from every decimal of share: go exactly.
	r := new(big.Rat).SetFloat64(share)
	return r.Mul(r, big.NewRat(100, 1)).FloatString(60) + "%"
}

// rate is how often something happens: a number a second, or a multiple of the
// stream's chunk rate.
type rate struct {
	number   float64
	multiple bool
	adaptive bool // number is the most
}

// adaptive is a rate that follows the upload link.
var adaptive = rate{8, true, true}

// parseRate reads 100/s, or 4x, which is four times the stream's chunk rate.
func parseRate(text string) (rate, error) {
	if text == "adaptive" {
		return adaptive, nil
	}
	if isNumber(text) {
		return rate{}, fmt.Errorf("a rate needs its unit: write %s/s, or %sx for a multiple of the stream's chunk rate", text, text)
	}
	digits, multiple := strings.CutSuffix(text, "x")
	perSecond := false
	if !multiple {
		digits, perSecond = strings.CutSuffix(text, "/s")
	}
	r, ok := exact(strings.TrimSpace(digits))
	if !multiple && !perSecond || !ok {
		return rate{}, errors.New("want a rate, as 100/s, or 4x, a multiple of the stream's chunk rate; or adaptive")
	}
	number, _ := r.Float64()
	if number < 0 || number > maxRate {
		return rate{}, fmt.Errorf("must be 0/s to %d/s", maxRate)
	}
	return rate{number: number, multiple: multiple}, nil
}

// maxRate bounds rates, per second or as a multiple.
const maxRate = 1_000_000

// period is the time between two events of rate r in a stream of the given
// chunk period, in whole nanoseconds; 0 where the rate is 0.
func (r rate) period(chunk node.Time) node.Time {
	if r.number == 0 {
		return 0
	}
	whole := float64(node.Second)
	if r.multiple {
		whole = float64(chunk)
	}
	t := math.Round(whole / r.number)
	return node.Time(min(t, float64(node.Never/4)))
}

func (r rate) String() string {
	if r.adaptive {
		return "adaptive"
	}
	text := strconv.FormatFloat(r.number, 'f', -1, 64)
	if r.multiple {
		return text + "x"
	}
	return text + "/s"
}

// exact reads a decimal number without exponent, sign or spaces.
func exact(text string) (*big.Rat, bool) {
	digits := strings.Replace(text, ".", "", 1)
	if digits == "" || len(text) > 100 || strings.Trim(digits, "0123456789") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// isNumber tells whether text is a number that lacks a unit.
func isNumber(text string) bool {
	_, ok := exact(strings.TrimPrefix(text, "-"))
	return ok
}

// bitrate is the rate of a link: bits a second, or a multiple of the stream's bit rate;
// zero is no limit.
type bitrate struct {
	bits     uint64
	multiple float64
}

// bitUnits are powers of 1000, as links have it.
var bitUnits = []struct {
	name string
	bits int64
}{{"Gbit", 1e9}, {"Mbit", 1e6}, {"kbit", 1e3}, {"bit", 1}}

// parseBitrate reads 5Mbit, which is 5 million bits a second; 1.25x, a multiple of the
// bit rate of the stream's payload; or none.
func parseBitrate(text string) (b bitrate, err error) {
	if text == "none" {
		return b, nil
	}
	if isNumber(text) {
		return b, fmt.Errorf("a link's rate needs its unit: write %sMbit, or %sx for a multiple of the stream's bit rate", text, text)
	}
	if digits, found := strings.CutSuffix(text, "x"); found {
		r, ok := exact(digits)
		if !ok {
			return b, errors.New("want a multiple of the stream's bit rate, as 1.25x")
		}
		if b.multiple, _ = r.Float64(); b.multiple <= 0 || b.multiple > maxRate {
			return b, fmt.Errorf("must be above 0x, at most %dx; none is no limit", maxRate)
		}
		return b, nil
	}
	for _, unit := range bitUnits {
		digits, found := strings.CutSuffix(text, unit.name)
		if !found {
			continue
		}
		r, ok := exact(strings.TrimSpace(digits))
		if !ok {
			break
		}
		r.Mul(r, new(big.Rat).SetInt64(unit.bits))
		if !r.IsInt() || !r.Num().IsUint64() || r.Num().Uint64() < 1 || r.Num().Uint64() > maxBits {
			return b, errors.New("must be a whole number of bits a second, 1bit to 10000Gbit")
		}
		b.bits = r.Num().Uint64()
		return b, nil
	}
	return b, errors.New("want a link's rate, as 5Mbit or 1.25x, or none")
}

const maxBits = 1e13

func (b bitrate) String() string {
	switch {
	case b.multiple > 0:
		return strconv.FormatFloat(b.multiple, 'f', -1, 64) + "x"
	case b.bits == 0:
		return "none"
	}
	for _, unit := range bitUnits {
		if b.bits%uint64(unit.bits) == 0 {
			return strconv.FormatUint(b.bits/uint64(unit.bits), 10) + unit.name
		}
	}
	panic("scenarios: a bit rate that bit does not divide")
}

// of is the rate in bits a second, beside a stream of so many; 0 is no limit.
func (b bitrate) of(stream float64) uint64 {
	if b.multiple > 0 {
		return uint64(max(1, min(math.Round(b.multiple*stream), maxBits)))
	}
	return b.bits
}
