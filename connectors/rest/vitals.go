package rest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"vigie/connectors/findings"
	"vigie/rules"
)

// tolerated is how far apart our clock and a vendor's may be. Signatures bear the
// signer's time, and exports and polls are bounded by ours.
const tolerated = 30 * time.Second

// Vitals are what a vendor's answers say besides their bodies: what time it is
// there, and how much it lets us ask. Observe goes into a Transport. The zero
// value is ready.
type Vitals struct {
	Now func() time.Time // real time when nil

	mu      sync.Mutex
	clock   bool          // an answer bore a time
	off     time.Duration // by how much our clock is ahead; the least of all answers, since the way back takes its time too
	account rules.Words   // what it says of its limits
}

// Observe looks at an answer's headers.
func (v *Vitals) Observe(h http.Header) {
	now := time.Now
	if v.Now != nil {
		now = v.Now
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if at, err := http.ParseTime(h.Get("Date")); err == nil {
		// Date is cut to the second.
		if off := now().Truncate(time.Second).Sub(at); !v.clock || off.Abs() < v.off.Abs() {
			v.clock, v.off = true, off
		}
	}
	if has, ok := PerMinute(h, now()); ok {
		v.account = rules.Words{FR: fmt.Sprintf("%.0f requêtes par minute", has.PerMinute), EN: fmt.Sprintf("%.0f requests a minute", has.PerMinute)}
	} else if limit := h.Get("X-RateLimit-Limit"); limit != "" {
		// Atlassian's: Data Center names the interval, Cloud doesn't
		// (https://developer.atlassian.com/cloud/jira/platform/rate-limiting/).
		v.account = rules.Words{FR: limit + " requêtes", EN: limit + " requests"}
		if every := h.Get("X-RateLimit-Interval-Seconds"); every != "" {
			v.account.FR += " en " + every + " s"
			v.account.EN += " in " + every + " s"
		}
	}
}

// Findings say what the answers so far have shown. share is what we may use of
// the account's limit, from 0 to 1.
func (v *Vitals) Findings(share float64) []findings.Finding {
	v.mu.Lock()
	defer v.mu.Unlock()
	var all []findings.Finding
	if v.account.EN != "" {
		all = append(all, findings.Finding{Text: fmt.Sprintf("the account's limit is %s, of which Vigie uses %.0f %% at most", v.account.EN, share*100),
			FR: findings.Advice{Text: fmt.Sprintf("la limite du compte est de %s, dont Vigie prend au plus %.0f %%", v.account.FR, share*100)}})
	}
	if v.clock && v.off.Abs() > tolerated {
		way, when := "ahead of", "early"
		sens, quand := "avance", "tôt"
		if v.off < 0 {
			way, when = "behind", "late"
			sens, quand = "retarde", "tard"
		}
		all = append(all, findings.Finding{Weight: findings.Wrong,
			Text:   fmt.Sprintf("this machine's clock is %s %s the vendor's: warnings come as much too %s, and signed webhooks are refused once it grows to minutes", v.off.Abs(), way, when),
			Remedy: "have NTP set the clock (chronyd, systemd-timesyncd)",
			FR: findings.Advice{
				Text:   fmt.Sprintf("l'horloge de cette machine %s de %s sur celle de l'éditeur : les alertes viennent trop %s d'autant, et les webhooks signés sont refusés dès que c'est de l'ordre de la minute", sens, v.off.Abs(), quand),
				Remedy: "faire régler l'horloge par NTP (chronyd, systemd-timesyncd)",
			}})
	}
	return all
}

// page says that an answer is a page for people rather than for programs.
func page(h http.Header, body []byte) bool {
	return strings.Contains(h.Get("Content-Type"), "html") || strings.HasPrefix(strings.TrimSpace(string(body[:min(len(body), 64)])), "<")
}

// SideBySide asks several things of a vendor at the same time, and returns what
// was found in the order of the questions.
func SideBySide(questions []func() error) []findings.Finding {
	answers := make([]error, len(questions))
	var all sync.WaitGroup
	for i, ask := range questions {
		all.Go(func() { answers[i] = ask() })
	}
	all.Wait()
	return findings.Of(errors.Join(answers...))
}
