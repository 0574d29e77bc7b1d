/** What a process sends through itself before it is ready. Floor 9. */
package dev.weft.routing.process.warmup;
