package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"vigie/bot/demo"
	"vigie/bot/store"
	"vigie/connectors/sandbox"
)

// What people see, in a real Chromium: Vigie's own pages and those of the simulated
// vendors. VIGIE_AXE names axe-core's axe.min.js (npm install axe-core); what it finds
// serious or critical fails. VIGIE_SCREENSHOTS names a folder for pictures to look at.
const (
	axeFile      = "VIGIE_AXE"
	pictures     = "VIGIE_SCREENSHOTS"
	heaviestPage = 100_000 // bytes of a page, its styles and scripts together
	mostTabs     = 600
	browserToken = "a-token-of-the-browser-tests"
)

// browser is a Chromium of Debian's, or none: then the test is skipped.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("there is no Chromium here: apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(end)
	ctx, quit := chromedp.NewContext(allocator)
	t.Cleanup(quit)
	ctx, stop := context.WithTimeout(ctx, 8*time.Minute)
	t.Cleanup(stop)
	must(t, chromedp.Do(ctx, chromedp.Navigate("about:blank")))
	return ctx
}

// guarded is the board of a Vigie that wants a token.
func guarded(t *testing.T) string {
	t.Helper()
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "vigie.db"))
	must(t, err)
	t.Cleanup(func() { st.Close() })
	cfg, err := demo.Configuration(sandbox.DefaultTokens(), "http://127.0.0.1:1", lookup())
	must(t, err)
	log := slog.New(slog.DiscardHandler)
	server := wire(cfg, st, time.Now, true, log).server(cfg, log)
	server.Token = func() string { return browserToken }
	s := httptest.NewServer(server.Handler())
	t.Cleanup(s.Close)
	return s.URL
}

// everyBlock is a card with all that the page of the simulated Slack shows.
const everyBlock = `[{"type":"header","text":{"type":"plain_text","text":"Status update due in 20 minutes"}},
{"type":"section","text":{"type":"mrkdwn","text":"<https://acme.example/1|zendesk:1> · due <!date^1796036400^{date_short_pretty} {time}|10:00>\n*Answer* the customer"},
 "fields":[{"type":"plain_text","text":"Priority: urgent"},{"type":"mrkdwn","text":"Taken by <@U0SANDBOX02>"}],
 "accessory":{"type":"overflow","action_id":"more","options":[{"text":{"type":"plain_text","text":"Why"},"value":"why"},{"text":{"type":"plain_text","text":"Open"},"value":"open","url":"https://acme.example/1"}]}},
{"type":"actions","elements":[{"type":"button","action_id":"take","style":"primary","text":{"type":"plain_text","text":"Take"},"value":"zendesk:1"},
 {"type":"button","action_id":"stop","style":"danger","text":{"type":"plain_text","text":"Release"},"value":"zendesk:1"},
 {"type":"static_select","action_id":"choose","placeholder":{"type":"plain_text","text":"Priority"},"options":[{"text":{"type":"plain_text","text":"High"},"value":"high"}]}]},
{"type":"data_table","caption":"Handed over","rows":[[{"type":"raw_text","text":"Ticket"},{"type":"raw_text","text":"Due"}],[{"type":"raw_text","text":"zendesk:1"},{"type":"raw_text","text":"10:00"}]]},
{"type":"divider"},{"type":"context","elements":[{"type":"mrkdwn","text":"As of now"}]}]`

func postCard(t *testing.T, vendors string) {
	t.Helper()
	req, err := http.NewRequest("POST", vendors+"/api/chat.postMessage", strings.NewReader(url.Values{"channel": {"C0SANDBOX01"}, "text": {"Status update"}, "blocks": {everyBlock}}.Encode()))
	must(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Bearer "+sandbox.DefaultTokens().Slack)
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(t, err)
	if !strings.Contains(string(body), `"ok":true`) {
		t.Fatalf("Slack refuses the card: %s", body)
	}
}

// Each page fits both widths, in light and in dark, is reached by the keyboard alone
// with its focus seen, is light, and has nothing that axe finds serious.
func TestPagesInChromium(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	ctx := browser(t)
	board, vendors := playedDemo(t)
	login := guarded(t)
	postCard(t, vendors)
	axe := os.Getenv(axeFile)
	var script []byte
	if axe != "" {
		var err error
		script, err = os.ReadFile(axe)
		must(t, err)
	}
	for _, page := range []struct{ name, address string }{
		{"board", board + "/"},
		{"ticket", board + "/tickets/zendesk/1"},
		{"report", board + "/report"},
		{"login", login + "/"},
		{"front", vendors + "/sandbox/"},
		{"zendesk", vendors + "/agent/tickets/1"},
		{"jira", vendors + "/browse/SUP-2"},
		{"slack", vendors + "/slack/C0SANDBOX01"},
		{"slack-home", vendors + "/slack/home"},
	} {
		t.Run(page.name, func(t *testing.T) {
			for _, look := range []struct {
				width  int64
				scheme string
			}{{1280, "light"}, {390, "light"}, {1280, "dark"}, {390, "dark"}} {
				dressed(t, ctx, look.width, look.scheme)
				must(t, chromedp.Do(ctx, chromedp.Navigate(page.address)))
				at := fmt.Sprintf("%s at %d, %s", page.name, look.width, look.scheme)
				if wide := value[int64](t, ctx, `document.documentElement.scrollWidth`); wide > look.width {
					t.Errorf("%s is %d wide: %s", at, wide, value[string](t, ctx, widest))
				}
				photograph(t, ctx, fmt.Sprintf("%s-%d-%s.png", page.name, look.width, look.scheme))
				if script != nil {
					for _, found := range violations(t, ctx, string(script)) {
						t.Errorf("%s: axe: %s", at, found)
					}
				}
			}
			if heavy := value[int64](t, ctx, weight); heavy == 0 || heavy > heaviestPage {
				t.Errorf("%s weighs %d bytes", page.name, heavy)
			}
			dressed(t, ctx, 1280, "light")
			must(t, chromedp.Do(ctx, chromedp.Navigate(page.address)))
			tabbed(t, ctx, page.name)
		})
	}
	t.Run("axe", func(t *testing.T) {
		if script == nil {
			t.Skip(axeFile + " is not set")
		}
	})
	t.Run("without JavaScript", func(t *testing.T) { withoutJavaScript(t, ctx, login, vendors) })
}

// dressed has the pages shown so wide, and in a scheme of colours.
func dressed(t *testing.T, ctx context.Context, width int64, scheme string) {
	t.Helper()
	must(t, chromedp.Do(ctx, chromedp.EmulateViewport(width, 844)))
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	must(t, err)
}

func value[T any](t *testing.T, ctx context.Context, expression string, options ...chromedp.EvaluateOption) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, options...))
	if err != nil {
		t.Fatalf("%.60s: %v", expression, err)
	}
	return v
}

const (
	weight = `performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource")).reduce((n, e) => n + e.decodedBodySize, 0)`
	widest = `[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 3).map(e => e.outerHTML.slice(0, 120)).join(" | ")`

	// What the keyboard has to reach, numbered; of radio buttons of one name it is one.
	number = `(() => { let n = 0, groups = new Set();
for (const e of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")) {
  if (!e.checkVisibility({visibilityProperty: true}) || e.disabled) continue;
  if (e.type == "radio") { if (groups.has(e.name)) continue; groups.add(e.name); }
  e.dataset.n = n++;
} return n })()`
	focused = `(() => { const e = document.activeElement, s = getComputedStyle(e);
return [e.dataset.n ?? "", s.outlineStyle != "none" && parseFloat(s.outlineWidth) > 0 ? "" : e.outerHTML.slice(0, 120)] })()`
)

// tabbed goes through the page with the Tab key alone: it reaches everything, in the
// order of the page, and shows where it is.
func tabbed(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	value[chromedp.Void](t, ctx, `document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute("tabindex")`)
	all := value[int](t, ctx, number)
	if all == 0 || all > mostTabs {
		t.Fatalf("%s has %d things to press", name, all)
	}
	seen := map[string]bool{}
	for presses := 0; len(seen) < all && presses < 2*all+20; presses++ { // a date's parts are stops of their own
		must(t, chromedp.Do(ctx, chromedp.KeyEvent(kb.Tab)))
		at := value[[]string](t, ctx, focused)
		if at[0] == "" || seen[at[0]] {
			continue // the browser's own, or the page anew
		}
		if at[0] != fmt.Sprint(len(seen)) {
			t.Errorf("%s: Tab went to number %s as the %dth", name, at[0], len(seen))
		}
		if at[1] != "" {
			t.Errorf("%s: it isn't seen that this has the focus: %s", name, at[1])
		}
		seen[at[0]] = true
	}
	if len(seen) != all {
		t.Errorf("%s: Tab reached %d of %d", name, len(seen), all)
	}
}

// violations are what axe finds serious or critical.
func violations(t *testing.T, ctx context.Context, script string) (list []string) {
	t.Helper()
	value[chromedp.Void](t, ctx, script)
	out := value[string](t, ctx, `axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations.map(v =>
 ({id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 160))}))))`, chromedp.EvalAwaitPromise)
	var found []struct {
		ID, Impact, Help string
		Nodes            []string
	}
	must(t, json.Unmarshal([]byte(out), &found))
	for _, v := range found {
		if v.Impact == "serious" || v.Impact == "critical" {
			list = append(list, fmt.Sprintf("%s (%s): %s: %s", v.ID, v.Impact, v.Help, strings.Join(v.Nodes, " | ")))
		}
	}
	return list
}

// photograph keeps a picture of the page, if somebody wants to look.
func photograph(t *testing.T, ctx context.Context, name string) {
	dir := os.Getenv(pictures)
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	must(t, err)
	must(t, os.MkdirAll(dir, 0o755))
	must(t, os.WriteFile(filepath.Join(dir, name), picture, 0o644))
}

// withoutJavaScript signs in, answers customers and writes in Slack.
func withoutJavaScript(t *testing.T, ctx context.Context, login, vendors string) {
	_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	must(t, err)
	dressed(t, ctx, 390, "light")
	for _, c := range []struct{ name, address, field, text, send, shown string }{
		{"login", login + "/", "#token", browserToken, ".login button", ".search"},
		{"zendesk", vendors + "/agent/tickets/1", "#text", "We are on it.", ".sheet button", "ol.talk"},
		{"jira", vendors + "/browse/SUP-2", "#text", "On regarde.", ".sheet button", "ol.talk"},
		{"slack", vendors + "/slack/C0SANDBOX01", "#text", "Who is at it?", ".write button", "ol.messages"},
	} {
		must(t, chromedp.Do(ctx, chromedp.Navigate(c.address), chromedp.SendKeys(chromedp.CSS(c.field), c.text)))
		_, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(c.send)))
		must(t, err)
		text, err := chromedp.Run(ctx, chromedp.TextContent(chromedp.CSS(c.shown)))
		must(t, err)
		if c.name != "login" && !strings.Contains(text, c.text) {
			t.Errorf("%s: what was sent isn't there: %.300s", c.name, text)
		}
	}
}
