/** The command line: what can be asked for, how it is checked, and how it is answered. */
package dev.flywheel.cli;
