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
	c.locales.put(id, u.Locale, c.now())
	return p, nil
}

// Locale is the language that somebody reads Slack in, such as "fr-FR"; empty where
// Slack doesn't tell. An error is an *Error.
func (c *Client) Locale(ctx context.Context, id string) (string, error) {
	if locale, ok := c.locales.get(id, c.now()); ok {
		return locale, nil
	}
	c.people.forget(id)
	if _, err := c.Person(ctx, id); err != nil {
		return "", err
	}
	locale, _ := c.locales.get(id, c.now())
	return locale, nil
}

// Members are the ids of a user group's people, by its handle or id; none where there
// is no such group. An error is an *Error.
func (c *Client) Members(ctx context.Context, handle string) ([]string, error) {
	if ids, ok := c.groupPeople.get(handle, c.now()); ok {
		return ids, nil
	}
	id, err := c.group(ctx, handle)
	var ids []string
	if err == nil && id != "" {
		ids, err = c.api().GetUserGroupMembersContext(ctx, id)
	}
	if err != nil {
		return nil, fmt.Errorf("look up who is in %s: %w", handle, repeatable(err))
	}
	c.groupPeople.put(handle, ids, c.now())
	return ids, nil
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
		if g.Handle == handle || g.ID == handle {
			found = g.ID
		}
	}
	c.people.put("group:"+handle, rules.Person{ID: found}, c.now())
	return found, nil
}

// known remembers for a while what Slack has said that a name means, nothing
// included, so that a storm of calls doesn't ask for the same person each time.
type known[T any] struct {
	sync.Mutex
	answers map[string]remembered[T]
}

type remembered[T any] struct {
	answer T
	until  time.Time
}

// knownFor is how long an answer is believed: a new colleague can be called soon
// after he has joined.
const knownFor = 5 * time.Minute

func (k *known[T]) get(name string, now time.Time) (T, bool) {
	k.Lock()
	defer k.Unlock()
	r, ok := k.answers[name]
	return r.answer, ok && now.Before(r.until)
}

func (k *known[T]) put(name string, answer T, now time.Time) {
	k.Lock()
	defer k.Unlock()
	if k.answers == nil || len(k.answers) > 10_000 {
		k.answers = map[string]remembered[T]{}
	}
	k.answers[name] = remembered[T]{answer, now.Add(knownFor)}
}

func (k *known[T]) forget(name string) {
	k.Lock()
	defer k.Unlock()
	delete(k.answers, name)
}

func (c *Client) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}
