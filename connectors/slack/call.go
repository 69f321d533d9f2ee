package slack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"

	"vigie/rules"
	"vigie/rules/words"
)

// Call adds a line to the thread of the message ts, under the call's key, that
// mentions people: Slack notifies them. Who can't be mentioned, since Slack has no
// account of that address or no such group, is named in the line. An error is an
// *Error.
func (c *Client) Call(ctx context.Context, channelID, ts string, call rules.Call) (string, error) {
	l := words.In(cmp.Or(call.Language, c.Language))
	var mentions, missing []string
	for _, whom := range call.Whom {
		mention, why, err := c.mention(ctx, l, whom)
		if err != nil {
			return "", fmt.Errorf("call %s: %w", whom.Role, classify(err))
		}
		if mention != "" {
			mentions = append(mentions, mention)
		} else {
			missing = append(missing, why)
		}
	}
	line, what := strings.Join(mentions, " "), ""
	if call.Alert.Source == "" {
		what = l.Say("call.list", "n", call.Tickets)
	} else {
		what = Escape(in(l.Tag).headline(call.Alert)) + " – " + link(call.Alert.URL, ref(call.Alert))
	}
	text := strings.TrimSpace(line + " " + what)
	blocks := []slackgo.Block{slackgo.NewSectionBlock(markup(text), nil, nil)}
	if len(missing) > 0 {
		blocks = append(blocks, slackgo.NewContextBlock("", plain(strings.Join(missing, " "))))
	}
	_, reply, err := c.post(ctx, channelID, message{key: call.Key, thread: ts, text: text, blocks: blocks})
	return reply, err
}

// mention is how Slack mentions somebody, or why it can't.
func (c *Client) mention(ctx context.Context, l *words.Language, whom rules.Called) (mention, why string, err error) {
	switch {
	case whom.None:
		return "", l.Say("call.nobody", "role", whom.Role), nil
	case whom.ID != "":
		return "<@" + whom.ID + ">", "", nil
	case whom.Group != "":
		id, err := c.group(ctx, whom.Group)
		if err != nil || id != "" {
			return "<!subteam^" + id + ">", "", err
		}
		return "", l.Say("call.no_group", "group", shorten(whom.Group, nameLength)), nil
	}
	id, err := c.userByEmail(ctx, whom.Email)
	if err != nil || id != "" {
		return "<@" + id + ">", "", err
	}
	return "", l.Say("call.no_account", "address", shorten(whom.Email, nameLength)), nil
}

// Person is who has an id of Slack's, with his name and, where the token may see
// it, his address. An error is an *Error.
func (c *Client) Person(ctx context.Context, id string) (rules.Person, error) {
	if p, ok := c.people.get(id, c.now()); ok {
		return p, nil
	}
	u, err := c.api().GetUserInfoContext(ctx, id)
	if err != nil {
		return rules.Person{}, fmt.Errorf("look %s up: %w", id, repeatable(err))
	}
	p := rules.Person{ID: u.ID, Name: cmp.Or(u.Profile.DisplayName, u.RealName, u.Name), Email: u.Profile.Email}
	c.people.put(id, p, c.now())
	return p, nil
}

// userByEmail is the id of whom Slack knows by an address; "" for nobody.
func (c *Client) userByEmail(ctx context.Context, email string) (string, error) {
	if p, ok := c.people.get("mailto:"+email, c.now()); ok {
		return p.ID, nil
	}
	u, err := c.api().GetUserByEmailContext(ctx, email)
	var refused slackgo.SlackErrorResponse
	if errors.As(err, &refused) && refused.Err == "users_not_found" {
		c.people.put("mailto:"+email, rules.Person{Email: email}, c.now())
		return "", nil
	}
	if err != nil {
		return "", err
	}
	c.people.put("mailto:"+email, rules.Person{ID: u.ID, Email: email}, c.now())
	return u.ID, nil
}

// group is the id of a user group by its handle, with or without the @; "" if there is
// none.
func (c *Client) group(ctx context.Context, handle string) (string, error) {
	handle = strings.TrimPrefix(handle, "@")
	if p, ok := c.people.get("group:"+handle, c.now()); ok {
		return p.ID, nil
	}
	groups, err := c.api().GetUserGroupsContext(ctx)
	if err != nil {
		return "", err
	}
	found := ""
	for _, g := range groups {
		if g.Handle == handle {
			found = g.ID
		}
	}
	c.people.put("group:"+handle, rules.Person{ID: found}, c.now())
	return found, nil
}

// known remembers for a while whom Slack has said that a name means, nobody
// included, so that a storm of calls doesn't ask for the same person each time.
type known struct {
	sync.Mutex
	people map[string]remembered
}

type remembered struct {
	rules.Person
	until time.Time
}

// knownFor is how long an answer is believed: a new colleague can be called soon
// after he has joined.
const knownFor = 5 * time.Minute

func (k *known) get(name string, now time.Time) (rules.Person, bool) {
	k.Lock()
	defer k.Unlock()
	r, ok := k.people[name]
	return r.Person, ok && now.Before(r.until)
}

func (k *known) put(name string, p rules.Person, now time.Time) {
	k.Lock()
	defer k.Unlock()
	if k.people == nil || len(k.people) > 10_000 {
		k.people = map[string]remembered{}
	}
	k.people[name] = remembered{p, now.Add(knownFor)}
}

func (c *Client) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}
