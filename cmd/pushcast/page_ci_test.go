//go:build ci

package main

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// TestLivePage opens the page of a real peer and of its source in a real browser:
// the figures move, nothing is wrong on the console, nobody else is asked for
// anything, nothing is wider than the window. With SCREENSHOTS set to a folder it
// leaves pictures there: light and dark, wide and narrow.
func TestLivePage(t *testing.T) {
	source := startPeer(t, "--input", "../../net/media/testdata/small.m4v", "--loop", "--http", "127.0.0.1:0")
	peer := startPeer(t, "--join", source.addr, "--http", "127.0.0.1:0")
	startPeer(t, "--join", source.addr, "--output", "none")

	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath("chromium"), chromedp.NoSandbox)
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	defer cancel()
	var mu sync.Mutex
	var wrong []string
	watch := func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			wrong = append(wrong, "exception: "+e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			wrong = append(wrong, "console: "+string(e.Type))
		case *network.EventRequestWillBeSent:
			if u, err := url.Parse(e.Request.URL); err != nil || u.Scheme != "data" && !strings.HasPrefix(u.Host, "127.0.0.1:") {
				wrong = append(wrong, "asks "+e.Request.URL)
			}
		case *network.EventResponseReceived:
			if e.Response.Status >= 400 {
				wrong = append(wrong, e.Response.URL+" is answered "+strconv.Itoa(int(e.Response.Status)))
			}
		}
	}
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithListener(watch))
	defer cancel()
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	text := func(id string) string {
		t.Helper()
		s, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector("#`+id+`").textContent`))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	// until waits in the browser till an expression is true.
	until := func(expression string) {
		t.Helper()
		if _, err := chromedp.Run(ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(time.Minute))); err != nil {
			t.Fatalf("never %s: %v", expression, err)
		}
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(peer.page)); err != nil {
		t.Fatal(err)
	}
	until(`document.querySelector("#delivery").textContent.includes("%") && document.querySelectorAll("#deliveryCurve path")[0].getAttribute("d").split("L").length > 5`)
	first := text("chunks")
	until(`document.querySelector("#chunks").textContent !== ` + strconv.Quote(first))
	if d := text("delivery"); !strings.HasSuffix(d, "%") {
		t.Errorf("delivered %q", d)
	}
	if n := text("neighbours"); n != "2" {
		t.Errorf("%s neighbours", n)
	}
	if s := text("state"); !strings.HasPrefix(s, "up for ") {
		t.Errorf("state %q", s)
	}
	for _, view := range []struct {
		name          string
		width, height int64
		scheme        string
	}{
		{"wide-light", 1280, 800, "light"}, {"wide-dark", 1280, 800, "dark"},
		{"narrow-light", 360, 1000, "light"}, {"narrow-dark", 360, 1000, "dark"},
	} {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: view.scheme}},
		})
		if err == nil {
			err = chromedp.Do(ctx, chromedp.EmulateViewport(view.width, view.height))
		}
		if err != nil {
			t.Fatal(err)
		}
		before := text("state") // a second later everything is drawn for this window
		until(`document.querySelector("#state").textContent !== ` + strconv.Quote(before))
		wider, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > innerWidth`))
		if err != nil {
			t.Fatal(err)
		}
		picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if wider {
			t.Errorf("%s: the page is wider than the window", view.name)
		}
		if dir := os.Getenv("SCREENSHOTS"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, view.name+".png"), picture, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}

	if err := chromedp.Do(ctx, chromedp.Navigate(source.page)); err != nil {
		t.Fatal(err)
	}
	until(`document.querySelector("#chunksLabel").textContent === "chunks published" && document.querySelector("#chunks").textContent !== "–"`)
	mu.Lock()
	if len(wrong) > 0 {
		t.Errorf("the browser says\n%s", strings.Join(wrong, "\n"))
	}
	wrong = nil
	mu.Unlock()
	source.stop() // a peer that has gone is said to have
	until(`document.querySelector("#state").className === "lost"`)
}
