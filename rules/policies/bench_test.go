package policies

import (
	"strings"
	"testing"
	"time"

	"vigie/rules"
	"vigie/rules/policyfile"
)

// BenchmarkShippedEvaluate judges a ticket of 1,500 characters by each shipped policy,
// its text prepared anew.
func BenchmarkShippedEvaluate(b *testing.B) {
	text := strings.Repeat("Bonjour, depuis ce matin nous préparons les conventions d'étude : le système répond lentement, "+
		"mais le portail reste accessible pour les étudiants. ", 14)[:1500]
	for _, name := range Names() {
		file, _ := Read(name)
		p, problems := policyfile.Load(name, file, ReadFile)
		if len(problems) > 0 {
			b.Fatal(problems)
		}
		at := time.Date(2026, time.November, 24, 10, 0, 0, 0, time.UTC)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ticket := rules.Ticket{Kind: "incident", Text: text, CreatedAt: at}
				if name == "meteorage" {
					ticket.Kind = "assistance"
				}
				if v, err := rules.Evaluate([]*rules.Policy{p}, &ticket, at); err != nil || v.Error != "" {
					b.Fatal(err, v.Error)
				}
			}
		})
	}
}

// BenchmarkShippedLoad reads each shipped policy.
func BenchmarkShippedLoad(b *testing.B) {
	for _, name := range Names() {
		file, _ := Read(name)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				policyfile.Load(name, file, ReadFile)
			}
		})
	}
}
