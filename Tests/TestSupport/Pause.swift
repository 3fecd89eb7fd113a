/// Suspends for `duration`: for programs that pace themselves, never for a test that waits.
package func pause(_ duration: Duration) async { await Alarm.pause(duration) }
