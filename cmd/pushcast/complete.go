package main

import (
	"strings"

	"github.com/spf13/cobra"

	"pushcast/node/measure"
	"pushcast/results/report"
	"pushcast/scenarios"
)

// What shells complete; see pushcast completion --help.

func completeScenarios(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return scenarios.Names(), cobra.ShellCompDirectiveDefault
}

func completeMetric(_ *cobra.Command, _ []string, text string) (words []string, _ cobra.ShellCompDirective) {
	for _, d := range measure.Definitions {
		words = append(words, before(text, ",")+d.Name+"\t"+d.About)
	}
	return words, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// completeSet gives the keys, and of a key its named alternatives.
func completeSet(_ *cobra.Command, _ []string, text string) (words []string, _ cobra.ShellCompDirective) {
	name, _, isValue := strings.Cut(text, "=")
	for _, key := range scenarios.Schema() {
		last := key.Path[strings.LastIndexByte(key.Path, '.')+1:]
		switch {
		case !isValue:
			words = append(words, last+"=\t"+key.About)
		case name == last || name == key.Path:
			for _, choice := range key.Choices {
				words = append(words, name+"="+choice)
			}
		}
	}
	return words, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// completeOnly gives what the scenario on the command line sweeps, and its values.
func completeOnly(_ *cobra.Command, args []string, text string) (words []string, _ cobra.ShellCompDirective) {
	const nothing = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	if len(args) == 0 {
		return nil, nothing
	}
	s, err := scenarios.Load(args[0])
	if err != nil {
		return nil, nothing
	}
	for _, a := range s.Axes() {
		for k, key := range a.Keys {
			for i := range a.Values {
				words = append(words, before(text, ",")+key+"="+a.Values[i][k])
			}
		}
	}
	return append(words, before(text, ",")+"seed="), nothing
}

func completePicture(_ *cobra.Command, _ []string, text string) (words []string, _ cobra.ShellCompDirective) {
	for _, name := range report.Names() {
		words = append(words, before(text, ",")+name+"\t"+report.About(name))
	}
	return words, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// before is the part of a list that stands already.
func before(text, comma string) string { return text[:strings.LastIndex(text, comma)+1] }
