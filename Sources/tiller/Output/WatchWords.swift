import Steering

/// What a watch over an answer adds to the answer's JSON object.
struct WatchWords {
    let watch: AnswerWatch

    /// What a watch has read and done.
    init(_ watch: AnswerWatch) { self.watch = watch }

    /// Adds the readings of the meters, and what the heads have done.
    func append(to json: inout JSONValue) {
        json.append("meters", MeterWords(watch).json)
        json.append("heads", HeadWords.json(watch.firings))
        let ending = watch.firings.first { $0.head.action.endsAnswer && !$0.isLate }
        json.append("endedBy", .string(ending?.head.name))
    }
}
