package desk

import (
	"fmt"
	"net/url"
	"vigie/connectors/findings"
)

// A Webhook is what a vendor tells of one that it has, as far as `setup` and
// `check --online` judge it.
type Webhook struct {
	ID, Name string
	Address  string // where it goes
	Active   bool
	Amiss    findings.Finding // why it won't tell of every change; without a Text if it will
}

// WebhookName is the name of the webhook that we make for a source, by which it is
// found again.
func WebhookName(source string) string { return "Vigie " + source }

// NoWebhooks says why no webhook can come yet, since people haven't set them up:
// no address that the vendor could reach, or no secret to know its calls by. Nil
// where both are there.
func NoWebhooks(address string, secrets func() []string) error {
	f := findings.Finding{Weight: findings.Doubt, Text: "no webhooks: changes are seen by the poll alone",
		FR: findings.Advice{Text: "pas de webhooks : les changements ne sont vus qu'à la lecture périodique"}}
	switch {
	case address == "":
		f.Remedy, f.FR.Remedy = "write public_url under [web], then run setup --secrets DIR", "écrire public_url sous [web], puis lancer setup --secrets DIR"
	case secrets == nil || len(secrets()) == 0:
		f.Remedy = "run setup --secrets DIR, which makes the webhook and puts its secret into a file for webhook_secret"
		f.FR.Remedy = "lancer setup --secrets DIR, qui crée le webhook et met son secret dans un fichier pour webhook_secret"
	default:
		return nil
	}
	return f
}

// OurWebhook picks the webhook that goes to the address, an active one before
// others; else one of that name, which goes elsewhere; an empty name is nobody's.
// amiss is what isn't as it should be with it, and the active ones that go to the
// same path elsewhere, perhaps of a Vigie that has moved.
func OurWebhook(all []Webhook, name, address string) (own *Webhook, amiss []findings.Finding) {
	rank := func(w *Webhook) int {
		switch {
		case w == nil:
			return 0
		case w.Address == address && w.Active:
			return 3
		case w.Address == address:
			return 2
		case name != "" && w.Name == name:
			return 1
		}
		return 0
	}
	for i := range all {
		if rank(&all[i]) > rank(own) {
			own = &all[i]
		}
	}
	for i, w := range all {
		if own != &all[i] && w.Active && w.Address != address && samePath(w.Address, address) {
			amiss = append(amiss, findings.Finding{Weight: findings.Doubt, Text: fmt.Sprintf("webhook %q goes to %s", w.Name, w.Address), Remedy: "delete it if no Vigie is there any more",
				FR: findings.Advice{Text: fmt.Sprintf("le webhook %q va à %s", w.Name, w.Address), Remedy: "le supprimer s'il n'y a plus de Vigie là-bas"}})
		}
	}
	if own != nil && own.Amiss.Text != "" {
		amiss = append(amiss, own.Amiss)
	}
	return own, amiss
}

// NoWebhook says that none goes to the address.
func NoWebhook(address string) findings.Finding {
	return findings.Finding{Weight: findings.Wrong, Text: "no webhook goes to " + address, Remedy: "run setup",
		FR: findings.Advice{Text: "aucun webhook ne va à " + address, Remedy: "lancer setup"}}
}

// Silent says why a webhook won't tell of every change, and what to do about it.
func Silent(name string, en, fr findings.Advice) findings.Finding {
	return findings.Finding{Weight: findings.Wrong, Text: fmt.Sprintf("webhook %q: %s", name, en.Text), Remedy: en.Remedy,
		FR: findings.Advice{Text: fmt.Sprintf("webhook %q : %s", name, fr.Text), Remedy: fr.Remedy}}
}

func samePath(a, b string) bool {
	u, err := url.Parse(a)
	v, failed := url.Parse(b)
	return err == nil && failed == nil && u.Path == v.Path
}
