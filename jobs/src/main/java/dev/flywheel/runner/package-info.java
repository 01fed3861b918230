/** What a stage is, and what runs stages: session, job group, timing, manifest, exit code. */
package dev.flywheel.runner;
