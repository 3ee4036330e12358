package results

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"time"
)

// Store is the finished runs of a folder. Each writer appends to a file of its own,
// which it has created; so writers never meet, and copying files into one folder
// merges them. A run that several files hold counts once, one with a digest first.
type Store struct {
	// Damaged are the lines that were left out: their runs are missing.
	Damaged []string
	// Changed is when something was last added, as the file system says; zero for none.
	Changed time.Time

	dir  string
	runs map[string]*kept
}

type kept struct {
	run  *Run
	file string
}

// fileName is the form of a run file's name: model, shard, and random digits.
var fileName = regexp.MustCompile(`^runs-([0-9a-f]{16})-(all|[0-9]+of[0-9]+)-[0-9a-f]{16}\.jsonl$`)

// Open reads the runs of a folder that the given model has made; a folder that does
// not exist has none. It writes nothing. It fails where two files contradict each other:
// one run, two results.
func Open(dir, model string) (*Store, error) {
	s := &Store{dir: dir, runs: map[string]*kept{}}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	} else if err != nil {
		return nil, fmt.Errorf("results: %w", err)
	}
	for _, e := range entries { // in the order of names
		if parts := fileName.FindStringSubmatch(e.Name()); parts == nil || parts[1] != model {
			continue
		}
		if err := s.read(filepath.Join(dir, e.Name()), model); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// read takes the lines of a file in. A last line without its end is one that its
// writer was killed in, or is writing now: it is no damage.
func (s *Store) read(path, model string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("results: %w", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.ModTime().After(s.Changed) {
		s.Changed = info.ModTime()
	}
	r := bufio.NewReaderSize(f, 64<<10)
	for n := 1; ; n++ {
		text, tooLong, err := readLine(r)
		if err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("results: %s: %w", path, err)
		}
		var run *Run
		if tooLong {
			err = errors.New("is too long")
		} else {
			run, err = parseLine(text)
		}
		if err == nil && run.Model != model {
			err = fmt.Errorf("is of the model %s", run.Model)
		}
		if err != nil {
			s.Damaged = append(s.Damaged, fmt.Sprintf("%s:%d: damaged line left out: %v", path, n, err))
			continue
		}
		if err := s.add(run, path); err != nil {
			return err
		}
	}
}

// readLine reads a line and takes off its end. A line without end is io.EOF.
func readLine(r *bufio.Reader) (text []byte, tooLong bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if err == nil {
			text = append(text, part[:len(part)-1]...)
			return text, tooLong, nil
		} else if err != bufio.ErrBufferFull {
			return nil, false, err
		}
		if len(text)+len(part) > maxLine {
			tooLong = true
		} else {
			text = append(text, part...)
		}
	}
}

func (s *Store) add(run *Run, file string) error {
	key := run.Key()
	if had := s.runs[key]; had != nil {
		if run.World == Live {
			return nil // it never comes out twice the same: the first one counts
		}
		if !had.run.same(run) {
			return fmt.Errorf("results: seed %d of one point has two results, in %s and in %s: delete the wrong one", run.Seed, had.file, file)
		}
		if had.run.Digest != nil || run.Digest == nil {
			return nil
		}
	}
	s.runs[key] = &kept{run, file}
	return nil
}

// Find gives the run of an identity, nil where it is missing.
func (s *Store) Find(id *Identity) *Run {
	if k := s.runs[id.Key()]; k != nil {
		return k.run
	}
	return nil
}

// Holds tells whether there are runs of a world, of whatever scenario.
func (s *Store) Holds(world string) bool {
	for _, k := range s.runs {
		if k.run.World == world {
			return true
		}
	}
	return false
}

// Forget leaves out what was read, so that all is computed anew. The files stay, and
// what is added is compared with them when they are read next.
func (s *Store) Forget() { s.runs = map[string]*kept{} }

// Shards lists the shards whose files are in the folder, as "2of4".
func (s *Store) Shards() (shards []string) {
	entries, _ := os.ReadDir(s.dir) // a folder that cannot be read holds none
	for _, e := range entries {
		if parts := fileName.FindStringSubmatch(e.Name()); parts != nil && parts[2] != "all" && !slices.Contains(shards, parts[2]) {
			shards = append(shards, parts[2])
		}
	}
	return shards
}

// Writer appends finished runs to a file of its own, which it creates with the first.
// Several goroutines may use it.
type Writer struct {
	store        *Store
	model, shard string

	mu     sync.Mutex
	file   *os.File
	length int64 // of the whole lines
	synced time.Time
	failed error
}

// Writer makes a writer of the store; shard is "all", or "2of4".
func (s *Store) Writer(model, shard string) *Writer {
	return &Writer{store: s, model: model, shard: shard}
}

// Add writes a run down, and puts it into the store. When it returns without an error
// the run survives the end of the process; at most a second later, that of the machine.
// After an error nothing more can be added; what was added before is kept.
func (w *Writer) Add(run *Run) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed == nil {
		w.failed = w.write(run)
	}
	if w.failed != nil {
		return w.failed
	}
	return w.store.add(run, w.file.Name())
}

func (w *Writer) write(run *Run) error {
	text, err := appendLine(nil, run)
	if err != nil {
		return err
	}
	if w.file == nil {
		if err := w.create(); err != nil {
			return fmt.Errorf("results: %w", err)
		}
	}
	if _, err := w.file.Write(text); err != nil {
		// Half a line would be taken for a torn one; without it the file is whole. Where
		// even that fails, the reader leaves the half line out.
		_ = w.file.Truncate(w.length)
		return fmt.Errorf("results: %w; what was finished before is kept", err)
	}
	w.length += int64(len(text))
	if time.Since(w.synced) > time.Second {
		return w.sync()
	}
	return nil
}

func (w *Writer) create() error {
	if err := os.MkdirAll(w.store.dir, 0o777); err != nil {
		return err
	}
	var digits [8]byte
	if _, err := rand.Read(digits[:]); err != nil {
		return err
	}
	name := fmt.Sprintf("runs-%s-%s-%s.jsonl", w.model, w.shard, hex.EncodeToString(digits[:]))
	f, err := os.OpenFile(filepath.Join(w.store.dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o666)
	w.file, w.synced = f, time.Now()
	return err
}

func (w *Writer) sync() error {
	w.synced = time.Now()
	if err := w.file.Sync(); err != nil {
		return fmt.Errorf("results: %w; the runs of the last second may be lost", err)
	}
	return nil
}

// Close brings everything to the disk. A writer to which nothing was added has no
// file.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.file == nil {
		return nil
	}
	err := w.sync()
	if w.length == 0 { // the first line could not be written
		_ = os.Remove(w.file.Name())
	}
	return errors.Join(err, w.file.Close())
}
