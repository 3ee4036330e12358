package scenarios

import (
	"bytes"
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"pushcast/node"
	"pushcast/node/link"
)

// The ready-made tables of latencies between regions.
//
//go:embed regions/*.csv
var regionTables embed.FS

// readyRegions gives a ready-made table by its bare name.
func readyRegions(name string) ([]byte, error) {
	return regionTables.ReadFile("regions/" + name + ".csv")
}

// regionNames lists them.
func regionNames() (names []string) {
	entries, err := regionTables.ReadDir("regions")
	if err != nil {
		panic(err) // cannot be: the folder is part of the program
	}
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".csv"))
	}
	return names
}

// readRegions reads a table: a header, region,share,NAME…, and a row for each region with
// its share of the peers and its one-way latencies. Lines that begin with # are left out.
func readRegions(name string, src []byte) (*link.Regions, error) {
	r := csv.NewReader(bytes.NewReader(src))
	r.Comment, r.TrimLeadingSpace, r.ReuseRecord = '#', true, false
	fail := func(format string, args ...any) error {
		line, _ := r.FieldPos(0)
		return fmt.Errorf("%s:%d: %s", name, line, fmt.Sprintf(format, args...))
	}
	header, err := r.Read()
	if err != nil || len(header) < 3 || header[0] != "region" || header[1] != "share" {
		return nil, fmt.Errorf("%s: want a header, as region,share,europe,america, and a row for each region", name)
	}
	t := &link.Regions{Names: header[2:]}
	if len(t.Names) > link.MaxRegions {
		return nil, fmt.Errorf("%s has more than %d regions", name, link.MaxRegions)
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		i := len(t.OneWay)
		if i == len(t.Names) || row[0] != t.Names[i] {
			return nil, fail("%s: the rows must be the regions of the header, in its order", quote(row[0]))
		}
		share, err := parsePercent(row[1])
		if err != nil {
			return nil, fail("share %s is wrong: %s", quote(row[1]), err)
		}
		t.Shares = append(t.Shares, share)
		var latencies []node.Time
		for _, text := range row[2:] {
			x, err := parseTime(strings.TrimSpace(text))
			if err != nil {
				return nil, fail("latency %s is wrong: %s", quote(text), err)
			}
			latencies = append(latencies, x)
		}
		t.OneWay = append(t.OneWay, latencies)
	}
	c := link.Config{Regions: t}
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "link: "))
	}
	return t, nil
}
