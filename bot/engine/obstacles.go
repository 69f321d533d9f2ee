package engine

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"vigie/bot/store"
	"vigie/connectors/desk"
	"vigie/rules"
	"vigie/rules/words"
)

// Obstacles are what keeps a source from being seen or written although it gives
// news, and what its connector has to tell of it. They are kept in the state, where
// the board finds them, all programs that share it know them, and a restart forgets
// none; silence.go tells them. A part of the work that is refused for its credentials
// or rights is one from the first refusal to the first success.

// What obstacles are about, besides the parts of a source's work.
const (
	unreadTickets = "unread"
	goneTickets   = "gone"
	noticed       = "notice/" // then the notice's key, and a digest of its text
)

// unreadNamed is how many of the tickets that wait to be read are named to people.
const unreadNamed = 3

// An obstacle's text is what is so, as a sentence without an end to which since when
// it is so can be added.

// about is a text of a source's.
func (s *Source) about(id string, values ...string) rules.Sentence {
	return rules.Sentence{ID: id, Values: append([]string{"source", s.Name}, values...)}
}

// refused is what it means that a part of a source's work is.
func (s *Source) refused(part string) rules.Sentence {
	return s.about("obstacle.refused_of." + strings.TrimPrefix(part, "/"))
}

// denied says whether a vendor has refused the credentials, or their rights.
func denied(err error) bool {
	var d interface{ Denied() bool }
	return errors.As(err, &d) && d.Denied()
}

// currentObstacles are a source's obstacles that haven't ended, by what they are about.
func (e *Engine) currentObstacles(ctx context.Context, source string) (map[string]store.Obstacle, error) {
	list, err := e.Store.Obstacles(ctx, source)
	lasting := map[string]store.Obstacle{}
	for _, o := range list {
		if !o.Ended {
			lasting[o.What] = o
		}
	}
	return lasting, err
}

// noteRefusal notes whether a part of a source's work is refused: failed is the error that
// it ended with, nil if it succeeded. If everything is refused, that is said once, of the
// poll; so the poll is made first.
func (e *Engine) noteRefusal(ctx context.Context, s *Source, part string, failed error) error {
	if failed != nil && !denied(failed) {
		return nil
	}
	if failed != nil && part != pollPart && part != escalatePart {
		if s.polled && e.failures(s.Name+part) == 0 {
			s.polled = false
		}
		if !s.polled {
			return nil
		}
	}
	lasting, err := e.currentObstacles(ctx, s.Name)
	if err != nil {
		return err
	}
	_, there := lasting[part]
	return e.setObstacle(ctx, s, part, there, failed != nil, e.Now(), s.refused(part))
}

// setObstacle adds an obstacle that should be there and isn't, and ends one that is
// there and shouldn't be.
func (e *Engine) setObstacle(ctx context.Context, s *Source, what string, there, should bool, since time.Time, says rules.Sentence) (err error) {
	switch {
	case there == should:
		return nil
	case should:
		e.Log.Warn("a source can't be seen or written as it should", "source", s.Name, "obstacle", strings.TrimPrefix(what, "/"))
		err = e.Store.AddObstacle(ctx, store.Obstacle{Source: s.Name, What: what, Since: since, Says: says})
	default:
		e.Log.Info("a source is seen and written again as it should", "source", s.Name, "obstacle", strings.TrimPrefix(what, "/"))
		err = e.Store.EndObstacle(ctx, s.Name, what)
	}
	e.Poke(watchLoop) // people are told at once
	return err
}

// updateNotices adds obstacles for a connector's new notices, and ends those of the
// notices that it no longer gives.
func (e *Engine) updateNotices(ctx context.Context, s *Source, notices []desk.Notice) error {
	lasting, err := e.currentObstacles(ctx, s.Name)
	if err != nil {
		return err
	}
	for _, n := range notices {
		what := fmt.Sprintf("%s%s/%x", noticed, n.Key, sha256.Sum256([]byte(n.Says.ID+"\n"+strings.Join(n.Says.Values, "\n"))))[:len(noticed)+len(n.Key)+9]
		_, there := lasting[what]
		if err := e.setObstacle(ctx, s, what, there, true, e.Now(), n.Says); err != nil {
			return err
		}
		delete(lasting, what)
	}
	for what := range lasting {
		if strings.HasPrefix(what, noticed) {
			if err := e.setObstacle(ctx, s, what, true, false, time.Time{}, rules.Sentence{}); err != nil {
				return err
			}
		}
	}
	return nil
}

// noteUnread notes that tickets of a source have waited for too long to be read, although
// polls succeed, and ends the obstacle about vanished tickets once none is doubted any
// more. obstacles is brought up to date.
func (e *Engine) noteUnread(ctx context.Context, s *Source, silent bool, obstacles map[string]store.Obstacle, now time.Time) error {
	doubted := 0
	if _, there := obstacles[goneTickets]; there {
		var err error
		if doubted, err = e.Store.Parked(ctx, s.Name, errDoubted.Error()); err != nil {
			return err
		}
		if doubted == 0 {
			delete(obstacles, goneTickets)
			if err := e.setObstacle(ctx, s, goneTickets, true, false, now, rules.Sentence{}); err != nil {
				return err
			}
		}
	}
	_, there := obstacles[unreadTickets]
	_, refused := obstacles[readPart]
	if s.silent && !silent {
		s.silenceEnded = now
	}
	s.silent = silent
	if !there && (silent || refused || now.Before(s.silentFrom(e.began)) || now.Before(s.silentFrom(s.silenceEnded))) {
		return nil // which says as much, or it is too early to say
	}
	since := now.Add(-s.silentFrom(now).Sub(now))
	known, err := e.Store.Source(ctx, s.Name)
	if err != nil {
		return err
	}
	// Where others are read meanwhile, only those that can't be are meant: a large
	// reading takes its time.
	all := !known.LastRead.After(since)
	n, first, err := e.Store.Waiting(ctx, s.Name, since, all)
	if err != nil {
		return err
	}
	n -= doubted
	names, err := e.Store.LongestWaiting(ctx, s.Name, since, all, unreadNamed)
	if err != nil {
		return err
	}
	for i, id := range names {
		names[i] = s.Name + ":" + id
	}
	some := strings.Join(names, ", ")
	if n > len(names) {
		some += ", …"
	}
	says := s.about("obstacle.unread_of", "n", strconv.Itoa(n), "tickets", some)
	if err := e.setObstacle(ctx, s, unreadTickets, there, n > 0, first, says); err != nil {
		return err
	}
	if there && n <= 0 {
		delete(obstacles, unreadTickets)
	} else if !there && n > 0 {
		obstacles[unreadTickets] = store.Obstacle{Source: s.Name, What: unreadTickets, Since: first}
	}
	return nil
}

// messageOfObstacle is what people are told of an obstacle now, and whether it is over.
func (e *Engine) messageOfObstacle(ctx context.Context, s *Source, what string, since time.Time) (text string, over bool, err error) {
	list, err := e.Store.Obstacles(ctx, s.Name)
	if err != nil {
		return "", false, err
	}
	over, says := true, rules.Sentence{ID: "obstacle.gone"}
	for _, o := range list {
		if o.What == what {
			over, says = o.Ended || !o.Since.Equal(since), o.Says
		}
	}
	w, at := words.In(e.Language), dateTime(e.Language, since)
	text = w.Tell(says)
	switch {
	case over:
		return w.Say("obstacle.over", "what", strings.TrimSuffix(text, "."), "since", at), over, nil
	case strings.HasPrefix(what, noticed):
		return w.Say("obstacle.told", "text", text), over, nil
	}
	means := "obstacle.refused"
	switch what {
	case unreadTickets:
		means = "obstacle.unread"
	case goneTickets:
		means = "obstacle.vanished"
	}
	return w.Say("obstacle.lasts", "what", text, "since", at) + " " + w.Say(means), over, nil
}
