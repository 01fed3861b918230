/**
 * Made-up raw logs with planted truth, for the demo, tests and benchmarks, and how well a lake made
 * from them recovers that truth.
 */
package dev.flywheel.generate;
