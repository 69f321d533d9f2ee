package engine

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"vigie/bot/store"
	"vigie/rules"
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

// An obstacleText says what is wrong, in each language, as a sentence without its end, so
// that the instant since when can be added.
type obstacleText struct{ fr, en string }

// refusals say what it means that a part of a source's work is refused.
var refusals = map[string]*obstacleText{
	pollPart:      {"%s : Vigie ne voit plus rien, ses identifiants ou leurs droits sont refusés", "%s: Vigie is blind, its credentials or their rights are refused"},
	historyPart:   {"%s : le journal des événements est refusé, chaque historique est donc lu séparément", "%s: the list of events is refused, so that histories are read one by one"},
	readPart:      {"%s : les tickets ne peuvent pas être lus, l'accès est refusé", "%s: tickets can't be read, access is refused"},
	writePart:     {"%s : Vigie lit, mais ne peut pas écrire, l'accès est refusé", "%s: Vigie can read, but can't write, access is refused"},
	reconcilePart: {"%s : la liste des tickets ouverts est refusée, la comparaison de la nuit n'a pas lieu", "%s: the list of open tickets is refused, so that the nightly comparison isn't made"},
	escalatePart:  {"%s : les demandes de l'équipe technique ne peuvent être ni lues ni créées, l'accès est refusé", "%s: the technical team's issues can neither be read nor made, access is refused"},
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
	return e.setObstacle(ctx, s, part, there, failed != nil, e.Now(), *refusals[part])
}

// setObstacle adds an obstacle that should be there and isn't, and ends one that is there
// and shouldn't be.
func (e *Engine) setObstacle(ctx context.Context, s *Source, what string, there, should bool, since time.Time, is obstacleText) (err error) {
	name := func(text string) string { return strings.ReplaceAll(text, "%s", s.Name) }
	switch {
	case there == should:
		return nil
	case should:
		e.Log.Warn("a source can't be seen or written as it should", "source", s.Name, "obstacle", strings.TrimPrefix(what, "/"))
		err = e.Store.AddObstacle(ctx, store.Obstacle{Source: s.Name, What: what, Since: since, FR: name(is.fr), EN: name(is.en)})
	default:
		e.Log.Info("a source is seen and written again as it should", "source", s.Name, "obstacle", strings.TrimPrefix(what, "/"))
		err = e.Store.EndObstacle(ctx, s.Name, what)
	}
	e.Poke(watchLoop) // people are told at once
	return err
}

// updateNotices adds obstacles for a connector's new notices, and ends those of the
// notices that it no longer gives.
func (e *Engine) updateNotices(ctx context.Context, s *Source, notices []rules.Notice) error {
	lasting, err := e.currentObstacles(ctx, s.Name)
	if err != nil {
		return err
	}
	for _, n := range notices {
		what := fmt.Sprintf("%s%s/%x", noticed, n.Key, sha256.Sum256([]byte(n.FR+"\n"+n.EN)))[:len(noticed)+len(n.Key)+9]
		_, there := lasting[what]
		if err := e.setObstacle(ctx, s, what, there, true, e.Now(), obstacleText{n.FR, n.EN}); err != nil {
			return err
		}
		delete(lasting, what)
	}
	for what := range lasting {
		if strings.HasPrefix(what, noticed) {
			if err := e.setObstacle(ctx, s, what, true, false, time.Time{}, obstacleText{}); err != nil {
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
			if err := e.setObstacle(ctx, s, goneTickets, true, false, now, obstacleText{}); err != nil {
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
	is := obstacleText{
		rules.Counted("fr", "%%s : %d ticket{s} modifié{s} n'{a|ont} pas pu être lu{s}", n) + " (" + some + ")",
		rules.Counted("en", "%%s: %d ticket{s} that changed could not be read", n) + " (" + some + ")",
	}
	if err := e.setObstacle(ctx, s, unreadTickets, there, n > 0, first, is); err != nil {
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
	over, is := true, obstacleText{"l'obstacle est levé", "the obstacle is gone"}
	for _, o := range list {
		if o.What == what {
			over, is = o.Ended || !o.Since.Equal(since), obstacleText{o.FR, o.EN}
		}
	}
	english := e.Language == "en"
	text = is.fr
	if english {
		text = is.en
	}
	switch notice := strings.HasPrefix(what, noticed); {
	case notice && !over:
		return "📣 " + text, over, nil
	case over && english:
		return fmt.Sprintf("🔊 This is over: %s. It lasted from %s.", strings.TrimSuffix(text, "."), dateTime(since)), over, nil
	case over:
		return fmt.Sprintf("🔊 C'est terminé : %s. Cela durait depuis le %s.", strings.TrimSuffix(text, "."), dateTime(since)), over, nil
	case english:
		text = fmt.Sprintf("🔇 %s, since %s. ", text, dateTime(since))
	default:
		text = fmt.Sprintf("🔇 %s, depuis le %s. ", text, dateTime(since))
	}
	switch {
	case what == unreadTickets && english:
		text += "What changed there is not seen; warnings are computed from what is known. The board says why; it is tried again by itself."
	case what == unreadTickets:
		text += "Ce qui y a changé n'est pas vu ; les alertes sont calculées d'après ce qui est connu. Le tableau dit pourquoi ; Vigie réessaie d'elle-même."
	case what == goneTickets && english:
		text += "They may be hidden from Vigie: somebody must look at what its account may see. Their deadlines run on; those that are still said to be gone after a day are taken for deleted."
	case what == goneTickets:
		text += "Ils sont peut-être masqués : quelqu'un doit regarder ce que le compte de Vigie a le droit de voir. Leurs échéances courent toujours ; ceux qui manquent encore au bout d'un jour sont tenus pour supprimés."
	case english:
		text += "Somebody must look at the token and its rights."
	default:
		text += "Quelqu'un doit regarder le jeton et ses droits."
	}
	return text, over, nil
}
