package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"vigie/bot/config"
	"vigie/bot/store"
	"vigie/rules"
)

// How long a vendor may take to answer everything, and after how much silence
// people are told that it is being waited for.
const (
	answersWithin = 30 * time.Second
	silentFor     = 3 * time.Second
)

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

// online asks every vendor, all at the same time, and prints the answers in the
// configuration's order.
func (s *sheet) online(p *program, cfg *config.Config) error {
	return withVendors(p, cfg, func(vendors []asked) error {
		s.heading(s.pick("Réponses", "Answers"))
		s.flush()
		answers := make([]chan []rules.Finding, len(vendors))
		for i, at := range vendors {
			answers[i] = make(chan []rules.Finding, 1)
			fmt.Fprintf(p.stderr, "asking %s at %s\n", at.name, at.url)
			go func() {
				ctx, cancel := context.WithTimeout(p.ctx, answersWithin)
				defer cancel()
				answers[i] <- at.inspect(ctx)
			}()
		}
		wrong := 0
		for i, at := range vendors {
			found := await(p, at.name, answers[i], silentFor)
			if p.ctx.Err() != nil {
				return p.ctx.Err()
			}
			wrong += s.findings(at.name, found)
			s.flush()
		}
		if wrong > 0 {
			return errors.New(rules.Counted("en", "%d thing{s} {is|are} wrong; what to do is said above", wrong))
		}
		return s.flush()
	})
}

// await waits for a vendor's answers, and says so every so often while it does.
func await(p *program, name string, answer <-chan []rules.Finding, every time.Duration) []rules.Finding {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for waited := every; ; waited += every {
		select {
		case found := <-answer:
			return found
		case <-tick.C:
			fmt.Fprintf(p.stderr, "%s: no answer yet after %s, of %s at most\n", name, waited, answersWithin)
		}
	}
}

// findings prints what a vendor has shown, and counts what is wrong.
func (s *sheet) findings(name string, found []rules.Finding) (wrong int) {
	for _, f := range found {
		word := map[rules.Weight]string{rules.Fact: "ok", rules.Doubt: s.pick("à savoir", "note"), rules.Wrong: s.pick("faux", "wrong")}[f.Weight]
		if f.Weight == rules.Wrong {
			wrong++
		}
		// An error that was joined further down has lines.
		said := f.In(s.pick("fr", "en"))
		text := strings.ReplaceAll(said.Text, "\n", "; ")
		if said.Remedy != "" {
			text += " → " + said.Remedy
		}
		s.item(name, "%s", word+s.colon()+text)
		name = ""
	}
	return wrong
}
