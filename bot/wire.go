package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"time"

	"vigie/bot/adapt"
	"vigie/bot/answer"
	"vigie/bot/config"
	"vigie/bot/engine"
	"vigie/bot/setup"
	"vigie/bot/store"
	"vigie/bot/web"
	"vigie/connectors/desk"
	"vigie/connectors/findings"
	"vigie/connectors/rest"
	"vigie/connectors/slack"
	"vigie/rules"
)

// wired is a configuration with its parts put together. Nothing runs yet.
type wired struct {
	engine *engine.Engine
	hooks  map[string]web.Hook // by source
	asked  []asked
	meter  *web.Meter
	quotas map[string]func() float64                        // by source: how much of its share is used
	takes  map[string]func(reads, writes int) time.Duration // by source: how long so much will take
	slas   map[string]web.SLA                               // by source
	inbox  *slack.Inbox                                     // takes in what people do in Slack; nil: nothing is
}

// An asked vendor is one as the configuration names it, to be asked whether what that
// says of it is true, and to be given what a source needs there.
type asked struct {
	name, url string
	ask       func(context.Context) error              // the least that must be so
	inspect   func(context.Context) []findings.Finding // everything that check --online tells
	plan      func(context.Context, desk.Needs) ([]desk.Step, error)
	source    *desk.Source // nil for Slack
}

// A sleeper waits, or doesn't; nil waits in real time.
type sleeper = func(context.Context, time.Duration) error

// wire puts the parts together. now is ticket time, real or a demo's.
// hurry is for a story told faster than life: posts are not paced, bulk jobs are
// asked about at once, refused requests are repeated at once.
func wire(c *config.Config, st *store.Store, now func() time.Time, hurry bool, log *slog.Logger) *wired {
	w := &wired{hooks: map[string]web.Hook{}, quotas: map[string]func() float64{}, takes: map[string]func(int, int) time.Duration{}, slas: map[string]web.SLA{}, meter: web.NewMeter()}
	e := &engine.Engine{Store: st, Backfill: c.Store.Backfill, Keep: c.Store.Keep, Now: now, Log: log, Meter: w.meter, Language: "en",
		Route: func(rules.Alert) engine.Routing { return engine.Routing{} }}
	w.engine = e
	var sleep sleeper // real time
	if hurry {
		sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	}
	desks := map[string]desk.Desk{}
	at := map[string]asked{}
	for _, s := range c.Sources {
		desks[s.Name], at[s.Name] = w.connect(s, hookAddress(c, s.Name), st, now, sleep, hurry, log)
	}
	for _, s := range c.Sources {
		w.asked = append(w.asked, at[s.Name])
		w.track(c, s, desks[s.Name])
	}
	var zone *time.Location
	for _, s := range e.Sources {
		if zone == nil && len(s.Policies) > 0 {
			zone = s.Policies[0].Calendar.Zone()
		}
	}
	zone = cmp.Or(c.Schedule.Zone, zone, time.UTC)
	adapt.Calls(e, c, log)
	e.Digest, e.Reconcile = adapt.InZone{Cron: c.Schedule.Digest, Zone: zone}, adapt.InZone{Cron: c.Schedule.Reconcile, Zone: zone}
	if s := c.Slack; s != nil {
		e.Groups = groups(c)
		client, vitals := client(s, hurry, sleep, log)
		e.Chat, e.Channel, e.Language, e.Route = adapt.Chat{Client: client}, s.Channel, s.Language, adapt.Route(s, log)
		client.Board = c.Web.PublicURL
		e.Digests = adapt.Digests(s, zone, log)
		w.inbox = inbox(c, e, client)
		w.asked = append(w.asked, asked{name: "slack", url: s.APIURL, ask: func(ctx context.Context) error {
			return client.Check(ctx, setup.Channels(c)...)
		}, inspect: func(ctx context.Context) []findings.Finding {
			return append(client.Inspect(ctx, setup.Needs(c, now())), vitals.Findings(1)...)
		}})
	}
	w.places(c, sleep, log)
	return w
}

// connect gives a source its desk. hook is where its webhooks go, for people to see.
func (w *wired) connect(s *desk.Source, hook string, st *store.Store, now func() time.Time, sleep sleeper, hurry bool, log *slog.Logger) (desk.Desk, asked) {
	vitals := &rest.Vitals{}
	transport := &rest.Transport{Origin: origin(s.URL), Sleep: sleep, Observe: vitals.Observe, Log: log.With("source", s.Name)}
	if !hurry {
		w.hold(s.Name, transport, s.Vendor.Quota(s.QuotaShare), s.Vendor.Calls)
	}
	d := s.Settings.Connect(desk.Connection{Source: s, Transport: transport, Staff: st.Accounts(s.Name), Now: now, Sleep: sleep, Log: log})
	w.slas[s.Name] = adapt.AskSLA(s.Vendor.Title, s.Name, adapt.Patience, d.SLA, log)
	w.hooks[s.Name] = web.Hook{Parse: d.ParseWebhook, Longest: s.Vendor.LongestWebhook}
	w.engine.Sources = append(w.engine.Sources, &engine.Source{
		Name: s.Name, Vendor: s.Vendor.Title, Desk: d, Policies: s.Policies, Poll: s.Poll, SilentAfter: s.SilentAfter, WritePriority: s.WritePriority,
		Ask: d.Check, Takes: w.takes[s.Name],
	})
	return d, asked{name: s.Name, url: s.URL, source: s, ask: d.Check, plan: d.Plan, inspect: func(ctx context.Context) []findings.Finding {
		return append(d.Inspect(ctx, hook), vitals.Findings(s.QuotaShare)...)
	}}
}

// wireSource puts the parts together to read one source over a state that is thrown
// away, and asks its vendor what the configuration needs to know of it. Who was once
// staff there is known as the lasting state remembers it.
func wireSource(p *program, cfg *config.Config, st *store.Store, name string) (*wired, *engine.Source, error) {
	w := wire(cfg, st, time.Now, false, p.log)
	s := w.engine.Source(name)
	if s == nil {
		return nil, nil, usageError{fmt.Errorf("the configuration names no source %q", name)}
	}
	if err := recall(p, cfg, st, name); err != nil {
		p.log.Warn("who was once staff isn't known", "source", name, "err", err)
	}
	return w, s, w.ask(p.ctx, name)
}

// recall has a state that is thrown away remember the staff of a source that the
// lasting one remembers, if there is one.
func recall(p *program, cfg *config.Config, st *store.Store, source string) error {
	lasting, err := store.OpenToRead(p.ctx, cfg.Store.URL.Reveal())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	staff, err := lasting.Accounts(source).AllStaff(p.ctx)
	if err == nil {
		err = st.Accounts(source).RememberStaff(p.ctx, staff)
	}
	return errors.Join(err, lasting.Close())
}

// hold holds a source's requests to its quota. calls is how many it takes to read and
// to write so many tickets.
func (w *wired) hold(source string, t *rest.Transport, q *rest.Quota, calls func(reads, writes int) int) {
	t.Quota = q
	w.quotas[source] = q.Used
	w.takes[source] = func(reads, writes int) time.Duration { return q.Takes(calls(reads, writes)) }
}

// hookAddress is where a source's webhooks go; empty without an address at which
// vendors reach us.
func hookAddress(c *config.Config, source string) string {
	if c.Web.PublicURL == "" {
		return ""
	}
	return c.Web.PublicURL + "/webhooks/" + source
}

// origin is the scheme and host of an address of the configuration.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address // config has checked it; nothing goes there
	}
	return u.Scheme + "://" + u.Host
}

// client is a configuration's client of Slack, and what is seen of the requests that it
// sends.
func client(s *config.Slack, hurry bool, sleep sleeper, log *slog.Logger) (*slack.Client, *rest.Vitals) {
	c, vitals := slack.New(""), &rest.Vitals{}
	c.Token = s.Token.Reveal
	c.APIURL, c.Language, c.Log = s.APIURL, s.Language, log
	transport := slack.Transport()
	transport.Origin, transport.Sleep, transport.Observe, transport.Log = origin(s.APIURL), sleep, vitals.Observe, log
	c.HTTP = transport.Client()
	if hurry {
		c.Pace = -1
	}
	return c, vitals
}

// inbox takes in what people do in Slack, where the configuration has a way for that.
func inbox(c *config.Config, e *engine.Engine, client *slack.Client) *slack.Inbox {
	s := c.Slack
	if s.AppToken.Reveal() == "" && s.SigningSecret.Reveal() == "" {
		return nil
	}
	in := &slack.Inbox{Client: client, SigningSecret: s.SigningSecret.Reveal, AppToken: s.AppToken.Reveal, Log: e.Log}
	a := &answer.Answerer{Inbox: in, Engine: e, Store: e.Store, Slack: client, Language: s.Language, PublicURL: c.Web.PublicURL, Zone: web.Home(c.BySource()), Now: e.Now, Log: e.Log}
	for _, o := range c.OnCall {
		a.Rotas = append(a.Rotas, o.Rota)
	}
	in.Handle = a.Handle
	e.Chat = adapt.Chat{Client: client, Look: a.Look}
	return in
}

// listen takes in what people do in Slack by Socket Mode, if that is how it comes in. A
// dry run doesn't: Slack tells each event to one connection, and whoever works would
// miss it.
func (w *wired) listen(ctx context.Context, s *config.Slack) error {
	if w.inbox == nil || s.AppToken.Reveal() == "" || w.engine.DryRun {
		return nil
	}
	return w.inbox.Run(ctx)
}

// acts is how people's acts in Slack come in by HTTP; nil where they don't.
func (w *wired) acts(s *config.Slack) web.Acts {
	if w.inbox == nil || s.AppToken.Reveal() != "" || w.engine.DryRun {
		return nil
	}
	return w.inbox
}

// server is the HTTP side.
func (w *wired) server(c *config.Config, log *slog.Logger) *web.Server {
	return &web.Server{
		Acts:  w.acts(c.Slack),
		Hooks: w.hooks, Intake: w.engine, Store: w.engine.Store, Policies: c.BySource(), Version: w.engine.Version,
		Stalled: w.engine.Stalled, Hung: w.engine.Hung, Meter: w.meter, QuotaUsed: w.quotas, Takes: w.takes, SLAs: w.slas,
		Due:   func(source string) []rules.DueField { return w.engine.Source(source).Desk.DueFields() },
		Token: c.Web.Token.Reveal, ProxyHeader: c.Web.ProxyHeader, Proxies: c.Web.Proxies, PublicURL: c.Web.PublicURL, Now: w.engine.Now, Log: log, OIDC: issuer(c.Web.OIDC), Addresses: c.Addresses,
		Build:  build(),
		Limits: web.Limits{Connections: c.Web.Connections, Rate: float64(c.Web.WebhooksPerSecond)},
	}
}

// ask asks one source what the configuration needs to know of it, such as what
// its due fields look like.
func (w *wired) ask(ctx context.Context, source string) error {
	for _, at := range w.asked {
		if at.name == source {
			return at.ask(ctx)
		}
	}
	return nil
}

// online asks all that must be so, vendor by vendor, and says all that is wrong.
func (w *wired) online(ctx context.Context, each func(name string, err error)) error {
	var errs []error
	for _, at := range w.asked {
		err := at.ask(ctx)
		each(at.name, err)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", at.name, err))
		}
	}
	return errors.Join(errs...)
}

// withVendors puts a configuration's parts together over a state that is thrown
// away, for commands that only speak with the vendors.
func withVendors(p *program, cfg *config.Config, f func([]asked) error) error {
	st, err := store.Open(p.ctx, ":memory:")
	if err != nil {
		return err
	}
	defer st.Close()
	return f(wire(cfg, st, time.Now, false, p.log).asked)
}

// track gives the sources that escalate to this one their tracker.
func (w *wired) track(c *config.Config, to *desk.Source, at desk.Desk) {
	for _, from := range c.Sources {
		if from.EscalateTo != to.Name {
			continue
		}
		issues := at.(desk.Tracking).Tracker(from.Policies) // config has seen to it that the vendor tracks
		s := w.engine.Source(from.Name)
		s.Tracker, s.TrackerName, s.Follow = adapt.Tracker{Tracker: issues}, to.Name, to.Poll
		s.AskTracker = issues.CheckShown
		w.asked = append(w.asked, asked{name: from.Name + ", escalate_to " + to.Name, url: to.URL, ask: issues.Check,
			inspect: func(ctx context.Context) []findings.Finding {
				return issues.InspectEscalation(ctx, adapt.TeamProjects(from.Policies))
			},
		})
	}
}
