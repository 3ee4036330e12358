package live

import (
	"errors"
	"fmt"
	"syscall"

	"pushcast/net/media"
	"pushcast/net/web"
	"pushcast/node"
)

// serve begins to serve players, page and metrics, if it is asked for.
func serve(s *Settings, hub *media.Hub) (*web.Server, error) {
	if s.HTTP == "" {
		return nil, nil
	}
	source := s.Driver.Peer.Role == node.Source
	title := "peer " + s.Driver.Local.String()
	if source {
		title = "source " + s.Driver.Local.String()
	}
	server, err := web.Listen(s.HTTP, hub, web.Options{Title: title, Source: source, Pprof: s.Pprof, Log: s.Driver.Log})
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, &Failure{Failed, fmt.Errorf("--http %s: the port is in use: give another one", s.HTTP)}
	case err != nil:
		return nil, Bad("--http %s: %w", s.HTTP, err)
	}
	return server, nil
}

// closeServer ends it, if there is one.
func closeServer(s *web.Server) error {
	if s == nil {
		return nil
	}
	return s.Close(patience)
}

// both puts chunks out to a peer's output and the hub.
func both(out media.Output, hub *media.Hub) media.Output {
	if out == nil {
		return nil // a source's
	}
	return &twice{out, hub}
}

type twice struct {
	first media.Output
	hub   *media.Hub
}

func (t *twice) Put(id node.ChunkID, payload []byte) error {
	if err := t.hub.Put(id, payload); err != nil {
		return err
	}
	return t.first.Put(id, payload)
}

// teed shows a source's own players what it publishes.
func teed(in media.Input, hub *media.Hub) media.Input {
	if in == nil {
		return nil // a peer's
	}
	return &tee{in, hub}
}

type tee struct {
	media.Input
	hub *media.Hub
}

func (t *tee) Next(id node.ChunkID, buf []byte) (media.Chunk, error) {
	c, err := t.Input.Next(id, buf)
	if err == nil {
		err = t.hub.Put(id, c.Payload)
	}
	return c, err
}
