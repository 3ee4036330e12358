package main

import (
	"strings"
	"unicode/utf8"
)

// columns is how wide a terminal is at least: what nobody has asked for is left out where a
// line would be wider.
const columns = 80

// tableWidth is how wide a table is: each column has a space at both sides.
func tableWidth(header []string, rows [][]string) (sum int) {
	for i := range header {
		width := utf8.RuneCountInString(header[i])
		for _, row := range rows {
			width = max(width, utf8.RuneCountInString(row[i]))
		}
		sum += width + 2
	}
	return sum
}

// narrowed leaves out the columns before the last keep ones, from the right, until the table
// fits; at least the first least ones stay.
func narrowed(header []string, rows [][]string, least, keep int) ([]string, [][]string) {
	for len(header)-keep > least && tableWidth(header, rows) > columns {
		at := len(header) - keep - 1
		cut := func(row []string) []string { return append(append([]string(nil), row[:at]...), row[at+1:]...) }
		header = cut(header)
		for i := range rows {
			rows[i] = cut(rows[i])
		}
	}
	return header, rows
}

// folded breaks a line that is too wide before a part of it.
func folded(line, before string) string {
	if at := strings.Index(line, before); at > 0 && utf8.RuneCountInString(line) > columns {
		return line[:at] + "\n      " + strings.TrimLeft(line[at:], " ")
	}
	return line
}
