/** Published eval sets as files that eval harnesses read. */
package dev.flywheel.export;
