package stories

import (
	"context"
	"time"

	"vigie/bot/adapt"
	"vigie/bot/engine"
	"vigie/connectors/desk"
	"vigie/connectors/jira"
	"vigie/connectors/zendesk"
	"vigie/rules"
)

// A bug is one that is planted, to see whether the stories find it: what stands
// between the program and its vendors, and between it and its runner, is made to lie.
// The zero value is none.
type bug struct {
	name  string
	shows func(s story) bool // which stories can show it, those with their faults; nil: all, without them too

	told     func(w *world, asks []desk.Ask, readings []desk.Reading, err error) ([]desk.Reading, error)      // after tickets were read
	listed   func(w *world, page desk.Page, err error) (desk.Page, error)                                     // after changes were listed
	writes   func(w *world, edits []desk.Edit)                                                                // before tickets are written
	wrote    func(w *world, edits []desk.Edit, results []error, err error) ([]error, error)                   // afterwards
	posted   func(w *world, id, ts string, err error) (string, string, error)                                 // after a card was posted
	edits    func(w *world, c adapt.Chat, ctx context.Context, id, ts string, a rules.Alert) (handled bool)   // instead of an edit
	replied  func(w *world, c adapt.Chat, ctx context.Context, id, ts string, a rules.Alert, err error) error // after a reply
	blind    bool                                                                                             // whatever is looked for isn't found
	deaf     bool                                                                                             // nor is a reply
	drafts   func(w *world, d *engine.Draft)                                                                  // before an issue is made
	linked   bool                                                                                             // links are taken for made
	noted    func(w *world, desk *zendesk.Client, ctx context.Context, id string, n desk.Note) error          // instead of a note
	received func(w *world, d *desk.Delivery)                                                                 // before a webhook is taken
	pokes    func(w *world, name string) bool                                                                 // whether a poke comes through
	next     func(w *world, next time.Time) time.Time                                                         // when a round is run again
	engine   func(e *engine.Engine)                                                                           // what is configured otherwise
}

// in plants the bug into a program.
func (b bug) in(p *program) {
	e := p.engine
	for _, s := range e.Sources {
		switch desk := s.Desk.(type) {
		case *zendesk.Client:
			s.Desk = zendeskLies{desk, lies{p.w, b}}
		case *jira.Client:
			s.Desk = jiraLies{desk, lies{p.w, b}}
		}
		if t, ok := s.Tracker.(adapt.Tracker); ok {
			s.Tracker = trackerLies{t, lies{p.w, b}}
		}
	}
	e.Chat = chatLies{e.Chat.(adapt.Chat), lies{p.w, b}}
	if b.engine != nil {
		b.engine(e)
	}
}

// lies are what a bug has said, for one vendor.
type lies struct {
	w *world
	bug
}

func (l lies) tell(asks []desk.Ask, readings []desk.Reading, err error) ([]desk.Reading, error) {
	if l.told != nil {
		return l.told(l.w, asks, readings, err)
	}
	return readings, err
}

func (l lies) list(page desk.Page, err error) (desk.Page, error) {
	if l.listed != nil {
		return l.listed(l.w, page, err)
	}
	return page, err
}

func (l lies) write(edits []desk.Edit, write func([]desk.Edit) ([]error, error)) ([]error, error) {
	if l.writes != nil {
		l.writes(l.w, edits)
	}
	results, err := write(edits)
	if l.wrote != nil {
		return l.wrote(l.w, edits, results, err)
	}
	return results, err
}

// lie counts what a bug remembers.
func (w *world) lie(what string, more int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lied[what] += more
	return w.lied[what]
}

type zendeskLies struct {
	*zendesk.Client
	lies
}

func (d zendeskLies) Tell(ctx context.Context, asks []desk.Ask) ([]desk.Reading, error) {
	d.w.lie("reading", 1)
	readings, err := d.Client.Tell(ctx, asks)
	d.w.lie("reading", -1)
	return d.tell(asks, readings, err)
}

func (d zendeskLies) Changes(ctx context.Context, cursor string, since time.Time) (desk.Page, error) {
	page, err := d.Client.Changes(ctx, cursor, since)
	if err != nil {
		page.Cursor = cursor
	}
	return d.list(page, err)
}

func (d zendeskLies) Write(ctx context.Context, edits []desk.Edit) ([]error, error) {
	return d.write(edits, func(edits []desk.Edit) ([]error, error) { return d.Client.Write(ctx, edits) })
}

func (d zendeskLies) Note(ctx context.Context, id string, n desk.Note) error {
	if d.noted != nil {
		return d.noted(d.w, d.Client, ctx, id, n)
	}
	return d.Client.Note(ctx, id, n)
}

type jiraLies struct {
	*jira.Client
	lies
}

func (d jiraLies) Tell(ctx context.Context, asks []desk.Ask) ([]desk.Reading, error) {
	d.w.lie("reading", 1)
	readings, err := d.Client.Tell(ctx, asks)
	d.w.lie("reading", -1)
	return d.tell(asks, readings, err)
}

func (d jiraLies) Changes(ctx context.Context, cursor string, since time.Time) (desk.Page, error) {
	page, err := d.Client.Changes(ctx, cursor, since)
	if err != nil {
		page.Cursor = cursor
	}
	return d.list(page, err)
}

func (d jiraLies) Write(ctx context.Context, edits []desk.Edit) ([]error, error) {
	return d.write(edits, func(edits []desk.Edit) ([]error, error) { return d.Client.Write(ctx, edits) })
}

type trackerLies struct {
	adapt.Tracker
	lies
}

func (t trackerLies) Escalate(ctx context.Context, d engine.Draft) (engine.Tracked, error) {
	if t.drafts != nil {
		t.drafts(t.w, &d)
	}
	return t.Tracker.Escalate(ctx, d)
}

func (t trackerLies) Link(ctx context.Context, issue string, l engine.RemoteLink) error {
	err := t.Tracker.Link(ctx, issue, l)
	if t.linked {
		return nil
	}
	return err
}

type chatLies struct {
	adapt.Chat
	lies
}

func (c chatLies) Post(ctx context.Context, channel string, a rules.Alert) (string, string, error) {
	id, ts, err := c.Chat.Post(ctx, channel, a)
	if c.posted != nil {
		return c.posted(c.w, id, ts, err)
	}
	return id, ts, err
}

func (c chatLies) Edit(ctx context.Context, id, ts string, a rules.Alert) error {
	if c.edits != nil && c.edits(c.w, c.Chat, ctx, id, ts, a) {
		return nil
	}
	return c.Chat.Edit(ctx, id, ts, a)
}

func (c chatLies) Reply(ctx context.Context, id, ts string, a rules.Alert, broadcast bool) (string, error) {
	reply, err := c.Chat.Reply(ctx, id, ts, a, broadcast)
	if c.replied != nil {
		err = c.replied(c.w, c.Chat, ctx, id, ts, a, err)
	}
	return reply, err
}

func (c chatLies) Find(ctx context.Context, channel, key string, since time.Time) (string, string, bool, error) {
	id, ts, found, err := c.Chat.Find(ctx, channel, key, since)
	return id, ts, found && !c.blind, err
}

func (c chatLies) FindReply(ctx context.Context, id, ts, key string) (string, bool, error) {
	reply, found, err := c.Chat.FindReply(ctx, id, ts, key)
	return reply, found && !c.deaf, err
}
