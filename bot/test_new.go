package main

type testNewCommand struct {
	Ticket string `arg:"" optional:"" placeholder:"SOURCE:ID" help:"The ticket."`
}

func (c *testNewCommand) Run(p *program) error { return nil }
