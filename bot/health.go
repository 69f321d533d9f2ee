package main

import (
	"fmt"
	"io"
	"net/http"
	"time"
)

type healthCommand struct {
	URL string `default:"http://127.0.0.1:8080/healthz" placeholder:"URL" help:"The address to ask (${default}); /readyz says whether webhooks are taken."`
}

func (healthCommand) Help() string {
	return `For a container's health check, where there is no curl: prints the answer, and ends with 0 if it is 200, else with 1.

Examples:
  vigie health
  vigie health --url http://127.0.0.1:8080/readyz`
}

func (c *healthCommand) Run(p *program) error {
	request, err := http.NewRequestWithContext(p.ctx, http.MethodGet, c.URL, nil)
	if err != nil {
		return usageError{fmt.Errorf("--url: %w", err)}
	}
	client := http.Client{Timeout: 5 * time.Second}
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("ask for health: %w", err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(p.stdout, io.LimitReader(answer.Body, 1<<20)); err != nil {
		return fmt.Errorf("read health: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("not well: %s; vigie docs monitoring tells what that means", answer.Status)
	}
	return nil
}
