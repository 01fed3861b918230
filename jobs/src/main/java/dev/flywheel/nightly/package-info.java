/** The nightly run: which stages, in which order. */
package dev.flywheel.nightly;
