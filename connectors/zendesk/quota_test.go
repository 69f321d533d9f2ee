package zendesk_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"vigie/connectors/desk"
	"vigie/connectors/rest"
	"vigie/connectors/sandbox"
	"vigie/connectors/zendesk"
)

// A thousand tickets are read one by one and written on an account of the smallest
// plan, whose agents work beside us: neither they nor we are ever refused, and it
// takes what the quota allows.
func TestWorkBesideAnAgent(t *testing.T) {
	var mu sync.Mutex
	real := at("Fri 2026-11-27 09:00:00")
	now := func() time.Time { mu.Lock(); defer mu.Unlock(); return real }
	d := newDesk(t, nil)
	d.Real = now
	d.Options.Zendesk.RequestsPerMinute, d.Options.Zendesk.ExportLimit = 200, 10
	d.z.AddAgent(lena, "lena's token")

	var ids []string
	var edits []desk.Edit
	for range 1000 {
		id := fmt.Sprint(d.open(t, sandbox.NewTicket{}))
		ids = append(ids, id)
		edits = append(edits, desk.Edit{ID: id, AddTags: []string{"priority_high"}})
	}
	refused, owed := 0, 0.0
	agent := func() { // looks at a ticket
		r, err := http.NewRequestWithContext(t.Context(), "GET", d.url+"/api/v2/tickets/1.json", nil)
		if err != nil {
			t.Error(err)
			return
		}
		r.SetBasicAuth(lena+"/token", "lena's token")
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Error(err)
			return
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			refused++
		}
	}
	var turn sync.Mutex // one sleeper at a time moves the clock
	sleep := func(ctx context.Context, wait time.Duration) error {
		turn.Lock()
		defer turn.Unlock()
		for wait > 0 {
			step := min(wait, time.Second)
			mu.Lock()
			real = real.Add(step)
			mu.Unlock()
			for owed += step.Minutes() * 60; owed >= 1; owed-- { // an agent makes a call a second
				agent()
			}
			wait -= step
		}
		return ctx.Err()
	}
	quota := zendesk.Quota(0.5)
	quota.Now, quota.Sleep = now, sleep
	cfg := d.cfg
	cfg.Sleep = sleep
	repeats := 0
	client := zendesk.New(cfg, (&rest.Transport{Authorize: cfg.Authorize, Quota: quota, Now: now, Sleep: func(ctx context.Context, wait time.Duration) error {
		repeats++
		return sleep(ctx, wait)
	}}).Client())

	start := real
	if _, err := client.Changes(t.Context(), "", d.now.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	list, err := client.Read(t.Context(), ids)
	if err != nil || len(list) != len(ids) {
		t.Fatalf("%d readings, %v", len(list), err)
	}
	results, err := client.Write(t.Context(), edits)
	if err != nil {
		t.Fatal(err)
	}
	var handed []desk.Handed
	for i, err := range results {
		if err != nil {
			handed = append(handed, desk.Handed{Edit: edits[i], Job: err.(*desk.Underway).Job, Since: d.now})
		}
	}
	if results, err = client.Follow(t.Context(), handed); err != nil {
		t.Fatal(err)
	}
	for _, err := range results {
		if err != nil {
			t.Fatal(err)
		}
	}
	took := real.Sub(start)
	t.Logf("about 1,040 requests beside an agent who makes one a second took %s", took.Round(time.Second))
	if refused > 0 || repeats > 0 {
		t.Errorf("the agent was refused %d times, we %d times", refused, repeats)
	}
	if took < 10*time.Minute || took > 25*time.Minute {
		t.Errorf("it took %s", took)
	}
}
