package driver

import (
	"errors"
	"fmt"
	"io"

	"pushcast/net/media"
	"pushcast/node"
)

// source is when a Source publishes what. The next chunk is taken from the Input
// before it is due, because some say themselves when that is.
type source struct {
	at        node.Time // when to look for a chunk that is due; Never: when woken
	tick      node.Time // the next one of the period's
	zero      node.Time // when the first chunk of a stream with a clock was due
	next      media.Chunk
	waiting   bool // next is to be published at its time
	begun     bool // the stream's clock is running
	idle      bool // the Input had no chunk when it was asked last
	published node.ChunkID
	skipped   uint64 // ticks left out
	ended     bool   // the Input has
	leaveAt   node.Time
}

func (s *source) begin(now node.Time) { s.at, s.tick = now, now }

// wake looks for a chunk again.
func (s *source) wake(now node.Time) {
	if s.at == node.Never && !s.ended {
		s.at = now
	}
}

// publishDue publishes what is due at now.
func (d *Driver) publishDue(now node.Time) error {
	s := &d.source
	for n := 0; n < turn && s.at <= now && !s.ended; n++ {
		if !s.waiting {
			if err := d.fetch(now); err != nil || s.ended || !s.waiting {
				return err
			}
		}
		if s.next.Due == media.ByPeriod && s.at < now-MakeUp {
			s.skipped++ // its tick was too late to be made up for
			s.skipped += s.onTick(now, d.cfg.Peer.Period)
		}
		if s.at <= now {
			d.late(now - s.at)
			if err := d.publish(now); err != nil {
				return err
			}
		}
	}
	return nil
}

// fetch takes the next chunk from the Input, and says when it is due.
func (d *Driver) fetch(now node.Time) error {
	s := &d.source
	if d.fetchRepair(now) {
		return nil
	}
	chunk, err := d.cfg.Input.Next(d.contentID(s.published), s.next.Payload[:0])
	switch {
	case errors.Is(err, media.ErrNotYet):
		s.at, s.idle = node.Never, true
		return nil
	case errors.Is(err, io.EOF) || s.published > node.MaxChunk:
		s.ended, s.at = true, node.Never
		return nil
	case err != nil:
		return err
	case len(chunk.Payload) > d.cfg.MostChunk():
		return fmt.Errorf("chunk %d is of %d bytes, and a datagram carries %d", s.published, len(chunk.Payload), d.cfg.MostChunk())
	}
	s.next, s.waiting = chunk, true
	switch {
	case chunk.Due == media.ByPeriod:
		if late := s.onTick(now, d.cfg.Peer.Period); !s.idle {
			s.skipped += late
		}
	case !s.begun:
		s.begun, s.zero, s.at = true, now-chunk.Due, now
	default:
		// What comes too late by its own clock moves the clock: it is a film, and
		// nothing of it is left out.
		if s.at = s.zero + chunk.Due; chunk.Due > 0 && s.at < now-MakeUp {
			s.zero, s.at = now-chunk.Due, now
		}
	}
	s.idle = false
	return nil
}

// onTick makes the next chunk due at the next tick of the period that is not too
// late to be made up for, and tells how many were.
func (s *source) onTick(now, period node.Time) (late uint64) {
	if behind := now - MakeUp - s.tick; behind > 0 {
		late = uint64((behind + period - 1) / period)
		s.tick += node.Time(late) * period
	}
	s.at = s.tick
	s.tick += period
	return late
}

// publish hands the chunk to the peer.
func (d *Driver) publish(now node.Time) error {
	s := &d.source
	c, chunk := s.published, &s.next
	s.published++
	s.waiting = false
	d.noteData(c, chunk)
	if d.cfg.Observer != nil {
		d.cfg.Observer.Published(now, c)
	}
	d.logGenerated(c, chunk.Timestamp, chunk.Payload)
	datagram := d.encodeChunk(c, chunk.Timestamp, chunk.Payload)
	d.logPush()
	d.peer.Publish(now, c, uint32(len(chunk.Payload)), &d.out)
	return d.perform(now, datagram)
}
