package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"vigie/connectors/sandbox"
	"vigie/rules"
)

// An agent who has left was one when he answered: what was told before that was known
// is told again, a restart and a command that reads live know it, and it stays.
func TestStaffOverRestarts(t *testing.T) {
	const ravi = "ravi@support.example"
	for name, state := range databases(t) {
		t.Run(name, func(t *testing.T) {
			s := emptySite(t, state(t), 1)
			s.z.AddUser(sandbox.ZendeskUser{Email: ravi, Role: "agent"})
			id := s.open(t)
			s.unattended(9, 30)
			must(t, s.z.Reply(id, ravi, true, "We look into it."))
			must(t, s.z.SetRole(ravi, "end-user"))
			s.unattended(10, 0)
			s.start(t)
			by := func() string {
				row, err := s.reader.Ticket(t.Context(), "zendesk", "1")
				must(t, err)
				for _, e := range row.Ticket.Events {
					if e.Type == rules.ReplyEvent {
						return e.By
					}
				}
				return "nobody"
			}
			if by() != rules.ByCustomer {
				t.Fatalf("before anything shows it: said by %s", by())
			}
			must(t, s.z.SetRole(ravi, "agent")) // unseen: roles are remembered for ten minutes
			other := s.open(t)
			s.until(t, 10, 1, 0)
			must(t, s.z.Reply(other, ravi, false, "It is the database."))
			must(t, s.z.SetRole(ravi, "end-user"))
			s.rest(t)
			if by() != rules.ByAgent {
				t.Errorf("a note shows that he was staff: said by %s\n%s", by(), s.logs(tail))
			}
			s.replicas[0].kill()
			s.until(t, 10, 20, 0)
			must(t, s.z.AddTags(id, siteLena, "vip"))
			s.until(t, 10, 22, 0)
			if by() != rules.ByAgent {
				t.Errorf("after a restart: said by %s", by())
			}
			explain := exec.Command(os.Args[0], "explain", "zendesk:1", "--json", "--config", s.replicas[0].config)
			explain.Env = s.replicas[0].env()
			said, err := explain.CombinedOutput()
			if err != nil || !strings.Contains(string(said), `"cycle":2`) {
				t.Errorf("explained live: %v %s", err, said)
			}
		})
	}
}
