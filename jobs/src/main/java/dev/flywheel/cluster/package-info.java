/** Issues: failures grouped by what they say, each group known again from night to night. */
package dev.flywheel.cluster;
