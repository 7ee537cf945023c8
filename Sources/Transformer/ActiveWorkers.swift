/// How many workers of a pool take part in its regions, by how long they wait for one another.
///
/// Where other programs want the processors too, a worker is put aside for milliseconds at a time, or shares
/// a processor with another, and at the next barrier all the others wait for it. Beyond some point fewer
/// workers are faster. So workers go one by one for as long as waiting takes more of the time than one of
/// them is worth, and from time to time one more is tried.
struct ActiveWorkers {
    /// How many take part now; at least 1.
    private(set) var count: Int
    /// How many there are.
    private let most: Int
    /// Nanoseconds of regions since the last decision, and what their workers waited at
    /// barriers, all added up.
    private var window: (duration: UInt64, waited: UInt64) = (0, 0)
    /// How many nanoseconds fewer workers go on before one more is tried, and how many they have.
    private var patience = Self.shortestPatience
    private var patient: UInt64 = 0
    private var isTrial = false

    /// The share of the time that all but one may wait for that one. On two free processors it is 0.02-0.1;
    /// alone, a worker of two takes 1.7 times as long, because it has the memory for itself.
    static let mostWaiting = 0.4
    /// Decisions are 20 ms of regions apart, some slices of a scheduler.
    static let windowDuration: UInt64 = 20_000_000
    static let shortestPatience: UInt64 = 100_000_000
    static let longestPatience: UInt64 = 3_200_000_000

    init(_ count: Int) {
        most = count
        self.count = count
    }

    /// Hears how long a region took and what its workers waited at barriers, all added up, in nanoseconds.
    mutating func take(duration: UInt64, waited: UInt64) {
        window.duration += duration
        window.waited += waited
        guard window.duration >= Self.windowDuration else { return }
        defer { window = (0, 0) }
        if count > 1, Double(window.waited) > Self.mostWaiting * Double(count - 1) * Double(window.duration) {
            patience = isTrial ? min(2 * patience, Self.longestPatience) : Self.shortestPatience
            patient = 0
            isTrial = false
            count -= 1
        } else if isTrial {
            patience = Self.shortestPatience
            isTrial = false
        } else if count < most {
            patient += window.duration
            guard patient >= patience else { return }
            patient = 0
            isTrial = true
            count += 1
        }
    }
}
