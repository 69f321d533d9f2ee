package rest

import "testing"

func TestPortion(t *testing.T) {
	for name, c := range map[string]struct {
		steady int
		do     func(p *Portion)
		want   int
	}{
		"at first":                       {0, func(*Portion) {}, 100},
		"good answers change nothing":    {0, func(p *Portion) { p.Answered(100) }, 100},
		"too many":                       {0, func(p *Portion) { p.TooMany(100) }, 50},
		"again":                          {0, func(p *Portion) { p.TooMany(100); p.TooMany(50) }, 25},
		"another that was asked at once": {0, func(p *Portion) { p.TooMany(50); p.TooMany(100) }, 25},
		"not below one":                  {0, func(p *Portion) { p.TooMany(1); p.TooMany(1) }, 1},
		"a good answer":                  {0, func(p *Portion) { p.TooMany(100); p.Answered(50) }, 55},
		"a good answer to less":          {0, func(p *Portion) { p.TooMany(100); p.Answered(49) }, 50},
		"not steady yet":                 {4, func(p *Portion) { p.TooMany(100); p.Answered(50); p.Answered(50); p.Answered(50) }, 50},
		"steady":                         {2, func(p *Portion) { p.TooMany(100); p.Answered(50); p.Answered(50) }, 55},
		"begun anew":                     {2, func(p *Portion) { p.TooMany(100); p.Answered(50); p.TooMany(50); p.Answered(25) }, 25},
		"not above the most": {0, func(p *Portion) {
			p.TooMany(100)
			for range 40 {
				p.Answered(p.Size())
			}
		}, 100},
		"one was late by itself, 30 others not": {0, func(p *Portion) { p.TooMany(2); p.AtLeast(30) }, 30},
	} {
		p := &Portion{Most: 100, Steady: c.steady}
		c.do(p)
		if got := p.Size(); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
}
