package main

import (
	"errors"
	"strconv"

	"github.com/spf13/pflag"
)

// decimal is a whole number in a flag. It is read as the original reads it: 08 is 8,
// and 010 is ten.
type decimal int

func decimalVarP(f *pflag.FlagSet, p *int, name, shorthand string, value int, usage string) {
	*p = value
	f.VarP((*decimal)(p), name, shorthand, usage)
}

// String gives the number.
func (d *decimal) String() string { return strconv.Itoa(int(*d)) }

// Set reads one.
func (d *decimal) Set(text string) error {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return errors.New("must be a whole number")
	}
	*d = decimal(n)
	return nil
}

// Type is what the help calls it.
func (d *decimal) Type() string { return "int" }
