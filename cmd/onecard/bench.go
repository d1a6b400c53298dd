package main

import "github.com/spf13/cobra"

func benchCommand(*settings) *cobra.Command { return &cobra.Command{Use: "bench"} }
