//go:build ci

package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// reader is a real browser that reads a file, and notes whatever a file that is well made
// does not do: asking for another one, words on the console, dialogs.
type reader struct {
	t     *testing.T
	ctx   context.Context
	mu    sync.Mutex
	wrong []string
}

// read opens a file.
func read(t *testing.T, path string) *reader {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{t: t}
	address := "file://" + path
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath("chromium"), chromedp.NoSandbox)
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	note := func(text string) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.wrong = append(r.wrong, text)
	}
	watch := func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			note("exception: " + e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			note("console: " + string(e.Type))
		case *log.EventEntryAdded:
			note("log: " + e.Entry.Text)
		case *page.EventJavascriptDialogOpening:
			note("dialog: " + e.Message)
		case *network.EventRequestWillBeSent:
			if e.Request.URL != address {
				note("asks " + e.Request.URL)
			}
		}
	}
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithListener(watch))
	t.Cleanup(cancel)
	r.ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	_, err = chromedp.Call(r.ctx, network.Enable, network.EnableParams{})
	if err == nil {
		_, err = chromedp.Call(r.ctx, log.Enable, cdp.Empty{})
	}
	if err == nil {
		err = chromedp.Do(r.ctx, chromedp.Navigate(address))
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// view makes the window so wide and high, and its reader like light or dark.
func (r *reader) view(width, height int64, scheme string) {
	r.t.Helper()
	_, err := chromedp.Call(r.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	if err == nil {
		err = chromedp.Do(r.ctx, chromedp.EmulateViewport(width, height))
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// print shows what a reader that likes light or dark prints.
func (r *reader) print(scheme string) {
	r.t.Helper()
	_, err := chromedp.Call(r.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: "print", Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// ask evaluates an expression.
func ask[T any](r *reader, expression string) T {
	r.t.Helper()
	answer, err := chromedp.Run(r.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		r.t.Fatalf("%s: %v", expression, err)
	}
	return answer
}

// until waits in the browser till an expression is true.
func (r *reader) until(expression string) {
	r.t.Helper()
	if _, err := chromedp.Run(r.ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(time.Minute))); err != nil {
		r.t.Fatalf("never %s: %v", expression, err)
	}
}

// shoot leaves a picture of the whole page in the folder SCREENSHOTS, if that is set.
func (r *reader) shoot(name string) {
	r.t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(r.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o600)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// done fails the test if anything was noted.
func (r *reader) done() {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.wrong) > 0 {
		r.t.Errorf("the browser says\n%s", strings.Join(r.wrong, "\n"))
	}
}
