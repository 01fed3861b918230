/** What a run is: the interval it covers, the context it carries, and how it may end. */
package dev.flywheel.run;
