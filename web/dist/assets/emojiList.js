var e=`😀|grinning|smile smiling happy
😃|smiley|smile smiling happy
😄|smile|smiling eye happy
😁|grin|smile smiling eye
😆|laughing satisfied|smile smiling happy
😅|sweat_smile|smiling cold open
🤣|rofl|happy tear crying
😂|joy|happy feels tear
🙂|slightly_smiling_face|smile happy
🙃|upside_down_face|smile hehe
🫠|melting_face|hot lol sarcastic
😉|wink|flirt sexy slide
😊|blush|smile smiling eye
😇|innocent|tale fairytale smile
🥰|smiling_face_with_three_hearts|smile ily romance
😍|heart_eyes|143 smile ily
🤩|star_struck|smile eyes excited
😘|kissing_heart|ily bae kiss
😗|kissing|143 ily dating
☺️|relaxed|smile smiling happy
😚|kissing_closed_eyes|143 ily dating
😙|kissing_smiling_eyes|143 smile ily
🥲|smiling_face_with_tear|smile happy joy
😋|yum|smile smiling hungry
😛|stuck_out_tongue|sweet party awesome
😜|stuck_out_tongue_winking_eye|party yolo crazy
🤪|zany_face|eye eyes crazy
😝|stuck_out_tongue_closed_eyes|eye omg whatever
🤑|money_mouth_face|paid
🤗|hugs|smiling open hands
🤭|hand_over_mouth|secret surprise shock
🫢|face_with_open_eyes_and_hand_over_mouth|omg scared quiet
🫣|face_with_peeking_eye|scared hide embarrass
🤫|shushing_face|quiet shh
🤔|thinking|hmm
🫡|saluting_face|good luck yes
🤐|zipper_mouth_face|quiet secret keep
🤨|raised_eyebrow|surprise disbelief what
😐️|neutral_face|whatever unhappy shade
😑|expressionless|not omg whatever
😶|no_mouth|quiet secret awkward
🫥|dotted_line_face|whatever meh hide
😶‍🌫️|face_in_clouds|fog head
😏|smirk|flirt shade homie
😒|unamused|whatever unhappy smh
🙄|roll_eyes|whatever shade ugh
😬|grimacing|smile smiling grinning
😮‍💨|face_exhaling|smoke blow smiley
🤥|lying_face
🫨|shaking_face|omg surprise shock
🙂‍↔️|head_shaking_horizontally|shake
🙂‍↕️|head_shaking_vertically|yes
😌|relieved|peace zen calm
😔|pensive|sad disappointed bored
😪|sleepy|sad good night
🤤|drooling_face
😴|sleeping|whatever good night
🫩|face_with_bags_under_eyes|tired bored sleepy
😷|mask|cold doctor sick
🤒|face_with_thermometer|sick
🤕|face_with_head_bandage|hurt injury ouch
🤢|nauseated_face|sick gross vomit
🤮|vomiting_face|sick throw gross
🤧|sneezing_face|sick fever flu
🥵|hot_face|red heat dying
🥶|cold_face|teeth blue faced
🥴|woozy_face|eyes mouth dizzy
😵|dizzy_face|eyes dead feels
😵‍💫|face_with_spiral_eyes|omg whoa confused
🤯|exploding_head|shocked explode way
🤠|cowboy_hat_face
🥳|partying_face|celebration happy party
🥸|disguised_face|glasses spy nose
😎|sunglasses|smile smiling beach
🤓|nerd_face|glasses intelligent smart
🧐|monocle_face|fancy rich
😕|confused|not sad frown
🫤|face_with_diagonal_mouth|whatever disappointed frustrated
😟|worried|sad nervous surprised
🙁|slightly_frowning_face|sad frown
☹️|frowning_face|sad frown
😮|open_mouth|omg you surprised
😯|hushed|omg surprised whoa
😲|astonished|omg shocked cost
😳|flushed|dead hot disbelief
🫪|distorted_face|surprised shocked bloated
🥺|pleading_face|not sad eyes
🥹|face_holding_back_tears|sad embarrassed cry
😦|frowning|open frown mouth
😧|anguished|unhappy scary scared
😨|fearful|scared anxious blame
😰|cold_sweat|open mouth scared
😥|disappointed_relieved|time not sad
😢|cry|sad feels unhappy
😭|sob|sad unhappy tear
😱|scream|scared surprised shocked
😖|confounded|sad feels mad
😣|persevere|headache
😞|disappointed|sad unhappy awful
😓|sweat|sad cold feels
😩|weary|sad feels unhappy
😫|tired_face|sad feels nap
🥱|yawning_face|whatever night tired
😤|triumph|feels unhappy mad
😡|pout rage|red feels unhappy
😠|angry|feels unhappy mad
🤬|cursing_face|mad mouth pissed
😈|smiling_imp|tale fairytale smile
👿|imp|tale fairytale fairy
💀|skull|tale fairytale fairy
☠️|skull_and_crossbones|dead monster death
💩|hankey poop shit|comic monster smh
🤡|clown_face
👹|japanese_ogre|tale fairytale fairy
👺|japanese_goblin|tale fairytale fairy
👻|ghost|tale fairytale fairy
👽️|alien|tale fairytale space
👾|space_invader|tale fairytale game
🤖|robot|monster
😺|smiley_cat|smile smiling open
😸|smile_cat|smiling eye eyes
😹|joy_cat|tear laugh lol
😻|heart_eyes_cat|smile smiling eye
😼|smirk_cat|smile
😽|kissing_cat|eye kiss eyes
🙀|scream_cat|surprised weary
😿|crying_cat_face|sad tear cry
😾|pouting_cat
🙈|see_no_evil|gesture omg forbidden
🙉|hear_no_evil|gesture not forbidden
🙊|speak_no_evil|gesture not forbidden
💌|love_letter|romance heart mail
💘|cupid|143 ily emotion
💝|gift_heart|143 ily emotion
💖|sparkling_heart|143 ily emotion
💗|heartpulse|143 ily emotion
💓|heartbeat|143 ily emotion
💞|revolving_hearts|143 emotion heart
💕|two_hearts|143 ily emotion
💟|heart_decoration|143 emotion white
❣️|heavy_heart_exclamation|mark punctuation
💔|broken_heart|sad emotion break
❤️‍🔥|heart_on_fire|burn
❤️‍🩹|mending_heart|well
❤️|heart|emotion red
🩷|pink_heart|143 ily emotion
🧡|orange_heart|143
💛|yellow_heart|143 ily emotion
💚|green_heart|143 ily emotion
💙|blue_heart|143 ily emotion
🩵|light_blue_heart|143 ily emotion
💜|purple_heart|143 ily emotion
🤎|brown_heart|143
🖤|black_heart|evil
🩶|grey_heart|143 ily emotion
🤍|white_heart|143
💋|kiss|emotion romance dating
💯|100|full agree fleek
💢|anger|comic mad upset
🫯|fight_cloud|wrestle
💥|boom collision|comic explode
💫|dizzy|comic star shining
💦|sweat_drops|comic water work
💨|dash|comic fast cloud
🕳️|hole
💬|speech_balloon|comic bubble dialog
👁️‍🗨️|eye_speech_bubble|balloon
🗨️|left_speech_bubble|balloon dialog
🗯️|right_anger_bubble|mad angry balloon
💭|thought_balloon|comic cloud bubble
💤|zzz|comic good night
👋|wave|you waving hello
🤚|raised_back_of_hand|backhand
🖐️|raised_hand_with_fingers_splayed|finger stop
✋️|hand raised_hand|high stop five
🖖|vulcan_salute|finger hands
🫱|rightwards_hand|hold right shake
🫲|leftwards_hand|hold left shake
🫳|palm_down_hand|pick drop
🫴|palm_up_hand|hold catch know
🫷|leftwards_pushing_hand|hold high stop
🫸|rightwards_pushing_hand|hold high stop
👌|ok_hand|sweet awesome three
🤌|pinched_fingers|gesture hold relax
🤏|pinching_hand|small amount fingers
✌️|v|peace victory
🤞|crossed_fingers|finger cross luck
🫰|hand_with_index_finger_and_thumb_crossed|heart money snap
🤟|love_you_gesture|ily three fingers
🤘|metal|finger rock sign
🤙|call_me_hand|hang
👈️|point_left|finger pointing backhand
👉️|point_right|finger pointing backhand
👆️|point_up_2|finger pointing backhand
🖕|fu middle_finger
👇️|point_down|finger pointing backhand
☝️|point_up|finger pointing index
🫵|index_pointing_at_the_viewer|you finger
👍️|+1 thumbsup|good like yes
👎️|-1 thumbsdown|good down bad
✊️|fist fist_raised|clenched
👊|facepunch fist_oncoming punch|rock bro boom
🤛|fist_left|facing
🤜|fist_right|facing
👏|clap|good excited awesome
🙌|raised_hands|celebration gesture hooray
🫶|heart_hands|you
👐|open_hands|hug jazz
🤲|palms_up_together|hands pray
🤝|handshake|shake
🙏|pray|gesture high five
✍️|writing_hand
💅|nail_care|whatever done bored
🤳|selfie|phone camera
💪|muscle|bro bodybuilder strong
🦾|mechanical_arm|accessibility prosthetic
🦿|mechanical_leg|accessibility prosthetic
🦵|leg|kick bent foot
🦶|foot|kick feet
👂️|ear|sound body ears
🦻|ear_with_hearing_aid|accessibility
👃|nose|body smell
🧠|brain|intelligent smart
🫀|anatomical_heart|red pulse beat
🫁|lungs|organ
🦷|tooth|white teeth dentist
🦴|bone|dog bones skeleton
👀|eyes|eye omg body
👁️|eye|body one
👅|tongue|body
👄|lips|kiss mouth body
🫦|biting_lip|kiss flirt nervous
👶|baby|newborn young babies
🧒|child|bright young eyed
👦|boy|child bright young
👧|girl|child zodiac bright
🧑|adult
👱|blond_haired_person|hair
👨|man|adult bro
🧔|bearded_person|whiskers
🧔‍♂️|man_beard|whiskers bearded
🧔‍♀️|woman_beard|whiskers bearded
👨‍🦰|red_haired_man|adult hair bro
👨‍🦱|curly_haired_man|adult hair bro
👨‍🦳|white_haired_man|adult hair bro
👨‍🦲|bald_man|adult bro
👩|woman|adult lady
👩‍🦰|red_haired_woman|adult hair lady
🧑‍🦰|person_red_hair|adult
👩‍🦱|curly_haired_woman|adult hair lady
🧑‍🦱|person_curly_hair|adult
👩‍🦳|white_haired_woman|adult hair lady
🧑‍🦳|person_white_hair|adult
👩‍🦲|bald_woman|adult lady
🧑‍🦲|person_bald|adult
👱‍♀️|blond_haired_woman blonde_woman|hair
👱‍♂️|blond_haired_man|hair
🧓|older_adult|old wise elderly
👴|older_man|adult old wise
👵|older_woman|adult lady old
🙍|frowning_person|gesture frown upset
🙍‍♂️|frowning_man|gesture frown upset
🙍‍♀️|frowning_woman|gesture frown upset
🙎|pouting_face|frown upset disappointed
🙎‍♂️|pouting_man|frown upset disappointed
🙎‍♀️|pouting_woman|frown upset disappointed
🙅|no_good|gesture not forbidden
🙅‍♂️|ng_man no_good_man|gesture not forbidden
🙅‍♀️|ng_woman no_good_woman|gesture not forbidden
🙆|ok_person|gesture omg gesturing
🙆‍♂️|ok_man|gesture omg gesturing
🙆‍♀️|ok_woman|gesture omg gesturing
💁|information_desk_person tipping_hand_person|whatever flip sarcastic
💁‍♂️|sassy_man tipping_hand_man|whatever flip sarcastic
💁‍♀️|sassy_woman tipping_hand_woman|whatever flip sarcastic
🙋|raising_hand|gesture pick here
🙋‍♂️|raising_hand_man|gesture pick here
🙋‍♀️|raising_hand_woman|gesture pick here
🧏|deaf_person|accessibility gesture ear
🧏‍♂️|deaf_man|accessibility gesture ear
🧏‍♀️|deaf_woman|accessibility gesture ear
🙇|bow|gesture meditation ask
🙇‍♂️|bowing_man|gesture meditation ask
🙇‍♀️|bowing_woman|gesture meditation ask
🤦|facepalm|not omg disbelief
🤦‍♂️|man_facepalming|not omg disbelief
🤦‍♀️|woman_facepalming|not omg disbelief
🤷|shrug|whatever doubt dunno
🤷‍♂️|man_shrugging|whatever doubt dunno
🤷‍♀️|woman_shrugging|whatever doubt dunno
🧑‍⚕️|health_worker|doctor healthcare nurse
👨‍⚕️|man_health_worker|doctor healthcare nurse
👩‍⚕️|woman_health_worker|doctor healthcare nurse
🧑‍🎓|student|graduate
👨‍🎓|man_student|graduate
👩‍🎓|woman_student|graduate
🧑‍🏫|teacher|instructor lecturer professor
👨‍🏫|man_teacher|instructor lecturer professor
👩‍🏫|woman_teacher|instructor lecturer professor
🧑‍⚖️|judge|law justice scales
👨‍⚖️|man_judge|law justice scales
👩‍⚖️|woman_judge|law justice scales
🧑‍🌾|farmer|gardener rancher
👨‍🌾|man_farmer|gardener rancher
👩‍🌾|woman_farmer|gardener rancher
🧑‍🍳|cook|chef
👨‍🍳|man_cook|chef
👩‍🍳|woman_cook|chef
🧑‍🔧|mechanic|plumber electrician tradesperson
👨‍🔧|man_mechanic|plumber electrician tradesperson
👩‍🔧|woman_mechanic|plumber electrician tradesperson
🧑‍🏭|factory_worker|assembly industrial
👨‍🏭|man_factory_worker|assembly industrial
👩‍🏭|woman_factory_worker|assembly industrial
🧑‍💼|office_worker|white collar business
👨‍💼|man_office_worker|white collar business
👩‍💼|woman_office_worker|white collar business
🧑‍🔬|scientist|biologist chemist engineer
👨‍🔬|man_scientist|biologist chemist engineer
👩‍🔬|woman_scientist|biologist chemist engineer
🧑‍💻|technologist|computer coder developer
👨‍💻|man_technologist|computer coder developer
👩‍💻|woman_technologist|computer coder developer
🧑‍🎤|singer|rock star actor
👨‍🎤|man_singer|rock star actor
👩‍🎤|woman_singer|rock star actor
🧑‍🎨|artist|palette
👨‍🎨|man_artist|palette
👩‍🎨|woman_artist|palette
🧑‍✈️|pilot|plane
👨‍✈️|man_pilot|plane
👩‍✈️|woman_pilot|plane
🧑‍🚀|astronaut|space rocket
👨‍🚀|man_astronaut|space rocket
👩‍🚀|woman_astronaut|space rocket
🧑‍🚒|firefighter|fire firetruck
👨‍🚒|man_firefighter|fire firetruck
👩‍🚒|woman_firefighter|fire firetruck
👮|cop police_officer|law over apprehend
👮‍♂️|policeman|man law over
👮‍♀️|policewoman|woman law over
🕵️|detective|spy sleuth
🕵️‍♂️|male_detective|man spy sleuth
🕵️‍♀️|female_detective|woman spy sleuth
💂|guard|buckingham helmet london
💂‍♂️|guardsman|man buckingham guard
💂‍♀️|guardswoman|woman buckingham guard
🥷|ninja|secret sly hidden
👷|construction_worker|man hat build
👷‍♂️|construction_worker_man|hat build work
👷‍♀️|construction_worker_woman|man hat build
🫅|person_with_crown|royal royalty
🤴|prince|tale fairytale fairy
👸|princess|tale fairytale fairy
👳|person_with_turban|wearing
👳‍♂️|man_with_turban|wearing
👳‍♀️|woman_with_turban|wearing
👲|man_with_gua_pi_mao|hat cap
🧕|woman_with_headscarf|head
🤵|person_in_tuxedo|wedding formal
🤵‍♂️|man_in_tuxedo|wedding groom formal
🤵‍♀️|woman_in_tuxedo|wedding formal
👰|person_with_veil|wedding
👰‍♂️|man_with_veil|wedding
👰‍♀️|bride_with_veil woman_with_veil|wedding
🤰|pregnant_woman
🫃|pregnant_man|full bloated belly
🫄|pregnant_person|full bloated belly
🤱|breast_feeding|woman baby nursing
👩‍🍼|woman_feeding_baby|newborn feed nursing
👨‍🍼|man_feeding_baby|newborn feed nursing
🧑‍🍼|person_feeding_baby|newborn feed nursing
👼|angel|tale fairytale fairy
🎅|santa|celebration tale fairy
🤶|mrs_claus|celebration tale fairy
🧑‍🎄|mx_claus|celebration tale fairy
🦸|superhero|good superpower hero
🦸‍♂️|superhero_man|good superpower hero
🦸‍♀️|superhero_woman|good superpower hero
🦹|supervillain|evil superpower bad
🦹‍♂️|supervillain_man|evil superpower bad
🦹‍♀️|supervillain_woman|evil superpower bad
🧙|mage|magic play witch
🧙‍♂️|mage_man|magic play witch
🧙‍♀️|mage_woman|magic play witch
🧚|fairy|tale fairytale myth
🧚‍♂️|fairy_man|tale fairytale myth
🧚‍♀️|fairy_woman|tale fairytale myth
🧛|vampire|halloween scary teeth
🧛‍♂️|vampire_man|halloween scary teeth
🧛‍♀️|vampire_woman|halloween scary teeth
🧜|merperson|fairytale ocean creature
🧜‍♂️|merman|fairytale ocean creature
🧜‍♀️|mermaid|fairytale ocean creature
🧝|elf|magic myth folklore
🧝‍♂️|elf_man|magic myth folklore
🧝‍♀️|elf_woman|magic myth folklore
🧞|genie|myth djinn jinn
🧞‍♂️|genie_man|myth djinn jinn
🧞‍♀️|genie_woman|myth djinn jinn
🧟|zombie|dead halloween scary
🧟‍♂️|zombie_man|dead halloween scary
🧟‍♀️|zombie_woman|dead halloween scary
🧌|troll|tale fairy monster
🫈|hairy_creature|forest
💆|massage|relax getting spa
💆‍♂️|massage_man|relax getting spa
💆‍♀️|massage_woman|relax getting spa
💇|haircut|hair beauty cut
💇‍♂️|haircut_man|hair beauty cut
💇‍♀️|haircut_woman|hair beauty cut
🚶|walking|man pedestrian walk
🚶‍♂️|walking_man|pedestrian walk amble
🚶‍♀️|walking_woman|man pedestrian walk
🚶‍➡️|person_walking_facing_right|man pedestrian walk
🚶‍♀️‍➡️|woman_walking_facing_right|man pedestrian walk
🚶‍♂️‍➡️|man_walking_facing_right|pedestrian walk amble
🧍|standing_person|stand
🧍‍♂️|standing_man|stand
🧍‍♀️|standing_woman|stand
🧎|kneeling_person|kneel knees
🧎‍♂️|kneeling_man|kneel knees
🧎‍♀️|kneeling_woman|kneel knees
🧎‍➡️|person_kneeling_facing_right|kneel knees
🧎‍♀️‍➡️|woman_kneeling_facing_right|kneel knees
🧎‍♂️‍➡️|man_kneeling_facing_right|kneel knees
🧑‍🦯|person_with_probing_cane|accessibility white blind
🧑‍🦯‍➡️|person_with_white_cane_facing_right|accessibility blind probing
👨‍🦯|man_with_probing_cane|accessibility white blind
👨‍🦯‍➡️|man_with_white_cane_facing_right|accessibility blind probing
👩‍🦯|woman_with_probing_cane|accessibility white blind
👩‍🦯‍➡️|woman_with_white_cane_facing_right|accessibility blind probing
🧑‍🦼|person_in_motorized_wheelchair|accessibility
🧑‍🦼‍➡️|person_in_motorized_wheelchair_facing_right|accessibility
👨‍🦼|man_in_motorized_wheelchair|accessibility
👨‍🦼‍➡️|man_in_motorized_wheelchair_facing_right|accessibility
👩‍🦼|woman_in_motorized_wheelchair|accessibility
👩‍🦼‍➡️|woman_in_motorized_wheelchair_facing_right|accessibility
🧑‍🦽|person_in_manual_wheelchair|accessibility
🧑‍🦽‍➡️|person_in_manual_wheelchair_facing_right|accessibility
👨‍🦽|man_in_manual_wheelchair|accessibility
👨‍🦽‍➡️|man_in_manual_wheelchair_facing_right|accessibility
👩‍🦽|woman_in_manual_wheelchair|accessibility
👩‍🦽‍➡️|woman_in_manual_wheelchair_facing_right|accessibility
🏃|runner running|fast racing speed
🏃‍♂️|running_man|fast racing speed
🏃‍♀️|running_woman|fast racing speed
🏃‍➡️|person_running_facing_right|fast racing speed
🏃‍♀️‍➡️|woman_running_facing_right|fast racing speed
🏃‍♂️‍➡️|man_running_facing_right|fast racing speed
🧑‍🩰|ballet_dancer
💃|dancer woman_dancing|dance elegant festive
🕺|man_dancing|dance dancer elegant
🕴️|business_suit_levitating
👯|dancers|party bff double
👯‍♂️|dancing_men|party bff double
👯‍♀️|dancing_women|party bff double
🧖|sauna_person|relax spa room
🧖‍♂️|sauna_man|relax spa room
🧖‍♀️|sauna_woman|relax spa room
🧗|climbing|rock mountain climb
🧗‍♂️|climbing_man|rock mountain climb
🧗‍♀️|climbing_woman|rock mountain climb
🤺|person_fencing
🏇|horse_racing|riding
⛷️|skier|snow ski
🏂️|snowboarder|snow ski
🏌️|golfing|ball green birdie
🏌️‍♂️|golfing_man|ball green birdie
🏌️‍♀️|golfing_woman|ball green birdie
🏄️|surfer|ocean beach surf
🏄‍♂️|surfing_man|ocean beach surf
🏄‍♀️|surfing_woman|ocean beach surf
🚣|rowboat|boat fishing lake
🚣‍♂️|rowing_man|boat fishing lake
🚣‍♀️|rowing_woman|boat fishing lake
🏊️|swimmer|swim swimming freestyle
🏊‍♂️|swimming_man|swim freestyle triathlon
🏊‍♀️|swimming_woman|man swim freestyle
⛹️|bouncing_ball_person|throw athletic championship
⛹️‍♂️|basketball_man bouncing_ball_man|throw athletic championship
⛹️‍♀️|basketball_woman bouncing_ball_woman|throw athletic championship
🏋️|weight_lifting|bodybuilder workout barbell
🏋️‍♂️|weight_lifting_man|bodybuilder workout barbell
🏋️‍♀️|weight_lifting_woman|bodybuilder workout barbell
🚴|bicyclist|bicycle bike cycle
🚴‍♂️|biking_man|bicycle bike cycle
🚴‍♀️|biking_woman|bicycle bike cycle
🚵|mountain_bicyclist|bicycle bike cycle
🚵‍♂️|mountain_biking_man|bicycle bike cycle
🚵‍♀️|mountain_biking_woman|bicycle bike cycle
🤸|cartwheeling|happy excited flip
🤸‍♂️|man_cartwheeling|happy excited flip
🤸‍♀️|woman_cartwheeling|happy excited flip
🤼|wrestling|people wrestle combat
🤼‍♂️|men_wrestling|wrestle combat duel
🤼‍♀️|women_wrestling|wrestle combat duel
🤽|water_polo|swimming playing waterpolo
🤽‍♂️|man_playing_water_polo|swimming waterpolo
🤽‍♀️|woman_playing_water_polo|swimming waterpolo
🤾|handball_person|ball throw catch
🤾‍♂️|man_playing_handball|ball throw catch
🤾‍♀️|woman_playing_handball|ball throw catch
🤹|juggling_person|balance handle act
🤹‍♂️|man_juggling|balance handle act
🤹‍♀️|woman_juggling|balance handle act
🧘|lotus_position|relax cross peace
🧘‍♂️|lotus_position_man|relax cross peace
🧘‍♀️|lotus_position_woman|relax cross peace
🛀|bath
🛌|sleeping_bed|good night tired
🧑‍🤝‍🧑|people_holding_hands|dating bae flirt
👭|two_women_holding_hands|dating bae flirt
👫|couple|dating man bae
👬|two_men_holding_hands|dating bae flirt
💏|couplekiss|romance dating heart
👩‍❤️‍💋‍👨|couplekiss_man_woman|romance dating heart
👨‍❤️‍💋‍👨|couplekiss_man_man|romance dating heart
👩‍❤️‍💋‍👩|couplekiss_woman_woman|romance dating heart
💑|couple_with_heart|romance dating bae
👩‍❤️‍👨|couple_with_heart_woman_man|romance dating bae
👨‍❤️‍👨|couple_with_heart_man_man|romance dating bae
👩‍❤️‍👩|couple_with_heart_woman_woman|romance dating bae
👨‍👩‍👦|family_man_woman_boy|child
👨‍👩‍👧|family_man_woman_girl|child
👨‍👩‍👧‍👦|family_man_woman_girl_boy|child
👨‍👩‍👦‍👦|family_man_woman_boy_boy|child
👨‍👩‍👧‍👧|family_man_woman_girl_girl|child
👨‍👨‍👦|family_man_man_boy|child
👨‍👨‍👧|family_man_man_girl|child
👨‍👨‍👧‍👦|family_man_man_girl_boy|child
👨‍👨‍👦‍👦|family_man_man_boy_boy|child
👨‍👨‍👧‍👧|family_man_man_girl_girl|child
👩‍👩‍👦|family_woman_woman_boy|child
👩‍👩‍👧|family_woman_woman_girl|child
👩‍👩‍👧‍👦|family_woman_woman_girl_boy|child
👩‍👩‍👦‍👦|family_woman_woman_boy_boy|child
👩‍👩‍👧‍👧|family_woman_woman_girl_girl|child
👨‍👦|family_man_boy|child
👨‍👦‍👦|family_man_boy_boy|child
👨‍👧|family_man_girl|child
👨‍👧‍👦|family_man_girl_boy|child
👨‍👧‍👧|family_man_girl_girl|child
👩‍👦|family_woman_boy|child
👩‍👦‍👦|family_woman_boy_boy|child
👩‍👧|family_woman_girl|child
👩‍👧‍👦|family_woman_girl_boy|child
👩‍👧‍👧|family_woman_girl_girl|child
🗣️|speaking_head
👤|bust_in_silhouette
👥|busts_in_silhouette|bff friends people
🫂|people_hugging|hug hello thanks
👪️|family|child
🧑‍🧑‍🧒|family_adult_adult_child
🧑‍🧑‍🧒‍🧒|family_adult_adult_child_child
🧑‍🧒|family_adult_child
🧑‍🧒‍🧒|family_adult_child_child
👣|footprints|clothing walk print
🫆|fingerprint|clue print identity
🐵|monkey_face|banana
🐒|monkey|banana
🦍|gorilla
🦧|orangutan|monkey
🐶|dog|pet adorbs puppy
🐕️|dog2|pet animals dog
🦮|guide_dog|accessibility blind
🐕‍🦺|service_dog|accessibility
🐩|poodle|dog fluffy
🐺|wolf
🦊|fox_face
🦝|raccoon|sly
🐱|cat|pet kitten
🐈️|cat2|pet animals cat
🐈‍⬛|black_cat|halloween
🦁|lion|zodiac strong
🐯|tiger|big cat predator
🐅|tiger2|big zoo cat
🐆|leopard|big zoo cat
🐴|horse|farm
🫎|moose|mammal
🫏|donkey|mammal
🐎|racehorse|farm racing
🦄|unicorn
🦓|zebra
🦌|deer
🦬|bison
🐮|cow|farm milk moo
🐂|ox|zodiac farm animals
🐃|water_buffalo|zoo
🐄|cow2|farm animals milk
🐷|pig|farm bacon pork
🐖|pig2|farm bacon pork
🐗|boar|pig
🐽|pig_nose|farm smell
🐏|ram|zodiac zoo horns
🐑|sheep|farm fluffy wool
🐐|goat|zodiac farm milk
🐪|dromedary_camel|one desert hump
🐫|camel|desert two hump
🦙|llama|wool
🦒|giraffe
🐘|elephant
🦣|mammoth|large extinction
🦏|rhinoceros
🦛|hippopotamus
🐭|mouse
🐁|mouse2|animals
🐀|rat
🐹|hamster|pet
🐰|rabbit|pet bunny
🐇|rabbit2|pet bunny
🐿️|chipmunk
🦫|beaver|teeth
🦔|hedgehog
🦇|bat|vampire
🐻|bear|honey
🐻‍❄️|polar_bear|white
🐨|koala|down australia bear
🐼|panda_face
🦥|sloth
🦦|otter|fishing
🦨|skunk|stink
🦘|kangaroo|marsupial
🦡|badger|honey
🐾|feet paw_prints|print
🦃|turkey|bird
🐔|chicken|bird ornithology
🐓|rooster|bird ornithology
🐣|hatching_chick|bird baby egg
🐤|baby_chick|bird ornithology
🐥|hatched_chick|bird ornithology newborn
🐦️|bird|ornithology
🐧|penguin|bird ornithology
🕊️|dove|bird ornithology peace
🦅|eagle|bird ornithology
🦆|duck|bird ornithology
🦢|swan|bird ornithology
🦉|owl|bird ornithology wise
🦤|dodo|bird ornithology large
🪶|feather|bird light
🦩|flamingo|bird ornithology tropical
🦚|peacock|bird ornithology pretty
🦜|parrot|bird ornithology talk
🪽|wing|bird fly angelic
🐦‍⬛|black_bird|ornithology
🪿|goose|bird ornithology silly
🐦‍🔥|phoenix|ascend rise
🐸|frog
🐊|crocodile|zoo
🐢|turtle
🦎|lizard
🐍|snake|zodiac bearer serpent
🐲|dragon_face|tale fairytale fairy
🐉|dragon|tale fairytale fairy
🦕|sauropod|dinosaur
🦖|t-rex|dinosaur
🐳|whale|ocean beach
🐋|whale2|ocean beach whale
🐬|dolphin flipper|ocean beach
🫍|orca|ocean marine whale
🦭|seal|ocean sea lion
🐟️|fish|zodiac fishing dinner
🐠|tropical_fish|fishes
🐡|blowfish|fish
🦈|shark|fish
🐙|octopus|ocean creature
🐚|shell|beach sea
🪸|coral|ocean sea
🪼|jellyfish|ocean sea burn
🦀|crab|zodiac
🦞|lobster|seafood
🦐|shrimp|small
🦑|squid
🦪|oyster|pearl
🐌|snail|nature garden
🦋|butterfly|insect pretty
🐛|bug|insect garden
🐜|ant|insect garden
🐝|bee honeybee|nature insect honey
🪲|beetle|insect bug
🐞|lady_beetle|nature insect garden
🦗|cricket|insect bug
🪳|cockroach|insect pest
🕷️|spider|insect
🕸️|spider_web
🦂|scorpion|zodiac scorpio
🦟|mosquito|insect pest bite
🪰|fly|insect pest disease
🪱|worm
🦠|microbe|science bacteria virus
💐|bouquet|plant romance anniversary
🌸|cherry_blossom|plant flower spring
💮|white_flower
🪷|lotus|flower peace beauty
🏵️|rosette|plant
🌹|rose|plant red flower
🥀|wilted_flower|dying
🌺|hibiscus|plant flower
🌻|sunflower|plant flower sun
🌼|blossom|plant flower
🌷|tulip|plant flower growth
🪻|hyacinth|plant flower purple
🌱|seedling|plant young sprout
🪴|potted_plant|pot house
🌲|evergreen_tree|christmas forest pine
🌳|deciduous_tree|green forest
🌴|palm_tree|plant beach tropical
🌵|cactus|plant nature desert
🌾|ear_of_rice|plant grain
🌿|herb|plant leaf
☘️|shamrock|plant irish
🍀|four_leaf_clover|plant irish
🍁|maple_leaf|falling
🍂|fallen_leaf|falling autumn
🍃|leaves|blow leaf flutter
🪹|empty_nest|home branch nesting
🪺|nest_with_eggs|bird branch egg
🍄|mushroom|fungus
🪾|leafless_tree|dead drought wood
🍇|grapes|fruit
🍈|melon|fruit
🍉|watermelon|fruit
🍊|mandarin orange tangerine|fruit citrus vitamin
🍋|lemon|fruit citrus sour
🍋‍🟩|lime|fruit tropical citrus
🍌|banana|fruit
🍍|pineapple|fruit tropical colada
🥭|mango|fruit tropical
🍎|apple|fruit red health
🍏|green_apple|fruit
🍐|pear|fruit
🍑|peach|fruit
🍒|cherries|fruit red berries
🍓|strawberry|fruit berry
🫐|blueberries|fruit blue berries
🥝|kiwi_fruit
🍅|tomato|fruit vegetable
🫒|olive
🥥|coconut|colada palm
🥑|avocado|fruit
🍆|eggplant|vegetable
🥔|potato|vegetable
🥕|carrot|vegetable
🌽|corn|farm ear
🌶️|hot_pepper
🫑|bell_pepper|vegetable
🥒|cucumber|vegetable
🥬|leafy_green|cabbage salad
🥦|broccoli|cabbage
🧄|garlic|flavoring
🧅|onion|flavoring
🥜|peanuts|vegetable
🫘|beans|small legume
🌰|chestnut|plant
🫚|ginger_root|beer health
🫛|pea_pod|vegetable legume veggie
🍄‍🟫|brown_mushroom|nature vegetable fungus
🫜|root_vegetable|garden salad vegetarian
🍞|bread|restaurant grain
🥐|croissant|breakfast bread french
🥖|baguette_bread|french
🫓|flatbread|bread
🥨|pretzel
🥯|bagel|breakfast bread bakery
🥞|pancakes|breakfast
🧇|waffle|breakfast
🧀|cheese
🍖|meat_on_bone
🍗|poultry_leg|hungry bone
🥩|cut_of_meat|red chop
🥓|bacon|breakfast meat
🍔|hamburger|fast hungry eat
🍟|fries|fast french
🍕|pizza|hungry cheese slice
🌭|hotdog|hot dog
🥪|sandwich|bread
🌮|taco|mexican
🌯|burrito|mexican
🫔|tamale|mexican wrapped
🥙|stuffed_flatbread|kebab
🧆|falafel
🥚|egg|breakfast
🍳|fried_egg|restaurant breakfast cooking
🥘|shallow_pan_of_food
🍲|stew|pot soup
🫕|fondue|pot ski cheese
🥣|bowl_with_spoon|breakfast
🥗|green_salad
🍿|popcorn|movie pop
🧈|butter
🧂|salt|mad upset condiment
🥫|canned_food|can
🍱|bento|box
🍘|rice_cracker
🍙|rice_ball|japanese
🍚|rice
🍛|curry
🍜|ramen|steaming bowl chopsticks
🍝|spaghetti|restaurant
🍠|sweet_potato
🍢|oden|restaurant stick kebab
🍣|sushi
🍤|fried_shrimp
🍥|fish_cake|restaurant pastry
🥮|moon_cake|autumn festival
🍡|dango|japanese sweet dessert
🥟|dumpling
🥠|fortune_cookie
🥡|takeout_box|delivery chopsticks pail
🍦|icecream|sweet restaurant dessert
🍧|shaved_ice|sweet restaurant dessert
🍨|ice_cream|sweet restaurant dessert
🍩|doughnut|sweet dessert breakfast
🍪|cookie|sweet dessert chocolate
🎂|birthday|celebration sweet happy
🍰|cake|sweet dessert pastry
🧁|cupcake|sweet dessert bakery
🥧|pie|fruit pastry slice
🍫|chocolate_bar|sweet dessert halloween
🍬|candy|sweet restaurant dessert
🍭|lollipop|sweet restaurant dessert
🍮|custard|sweet dessert
🍯|honey_pot|sweet bear
🍼|baby_bottle|drink newborn milk
🥛|milk_glass|drink
☕️|coffee|drink hot beverage
🫖|teapot|drink pot tea
🍵|tea|drink beverage handle
🍶|sake|drink restaurant bar
🍾|champagne|drink bar bottle
🍷|wine_glass|drink restaurant bar
🍸️|cocktail|drink bar mad
🍹|tropical_drink|party bar drinking
🍺|beer|drink bar drinking
🍻|beers|bar drinking alcohol
🥂|clinking_glasses|drink celebrate glass
🥃|tumbler_glass|shot
🫗|pouring_liquid|drink water glass
🥤|cup_with_straw|drink water soft
🧋|bubble_tea|milk pearl
🧃|beverage_box|sweet juice
🧉|mate|drink
🧊|ice_cube|cold
🥢|chopsticks
🍽️|plate_with_cutlery|cooking eat dinner
🍴|fork_and_knife|restaurant breakfast hungry
🥄|spoon|eat
🔪|hocho knife|tool weapon cooking
🫙|jar|condiment empty
🏺|amphora|tool zodiac drink
🌍️|earth_africa|world globe showing
🌎️|earth_americas|world globe showing
🌏️|earth_asia|world globe showing
🌐|globe_with_meridians|world internet
🗺️|world_map
🗾|japan|map
🧭|compass|direction magnetic
🏔️|mountain_snow|cold
⛰️|mountain
🛘|landslide|mountain danger earthquake
🌋|volcano|nature mountain
🗻|mount_fuji|nature mountain
🏕️|camping
🏖️|beach_umbrella
🏜️|desert
🏝️|desert_island
🏞️|national_park
🏟️|stadium
🏛️|classical_building
🏗️|building_construction
🧱|bricks
🪨|rock|heavy stone
🪵|wood|lumber
🛖|hut|home house
🏘️|houses|house
🏚️|derelict_house|home
🏠️|house|building heart home
🏡|house_with_garden|building heart home
🏢|office|building city job
🏣|post_office|japanese building
🏤|european_post_office|building
🏥|hospital|building doctor medicine
🏦|bank|building
🏨|hotel|building
🏩|love_hotel|building
🏪|convenience_store|building hours
🏫|school|building
🏬|department_store|building
🏭️|factory|building
🏯|japanese_castle|building
🏰|european_castle|building
💒|wedding|romance chapel
🗼|tokyo_tower
🗽|statue_of_liberty
⛪️|church|religion cross christian
🕌|mosque|religion islam muslim
🛕|hindu_temple
🕍|synagogue|religion jewish judaism
⛩️|shinto_shrine|religion
🕋|kaaba|religion islam muslim
⛲️|fountain
⛺️|tent|camping
🌁|foggy|fog
🌃|night_with_stars|star
🏙️|cityscape|city
🌄|sunrise_over_mountains|sun morning
🌅|sunrise|nature sun morning
🌆|city_sunset|building sun dusk
🌇|city_sunrise|building sun dusk
🌉|bridge_at_night
♨️|hotsprings|hot steaming
🎠|carousel_horse|entertainment
🛝|playground_slide|play amusement park
🎡|ferris_wheel|amusement park theme
🎢|roller_coaster|amusement park theme
💈|barber|cut fresh shave
🎪|circus_tent
🚂|steam_locomotive|travel train railway
🚃|railway_car|travel train electric
🚄|bullettrain_side|high speed train
🚅|bullettrain_front|travel high speed
🚆|train2|train railway arrived
🚇️|metro|travel
🚈|light_rail|railway arrived
🚉|station|train railway
🚊|tram|trolleybus
🚝|monorail|vehicle
🚞|mountain_railway|car trip
🚋|train|car bus tram
🚌|bus|vehicle school
🚍️|oncoming_bus|cars
🚎|trolleybus|bus tram trolley
🚐|minibus|vehicle drive bus
🚑️|ambulance|vehicle emergency
🚒|fire_engine|truck
🚓|police_car
🚔️|oncoming_police_car
🚕|taxi|vehicle car drive
🚖|oncoming_taxi|cars drove yellow
🚗|car red_car|vehicle driving automobile
🚘️|oncoming_automobile|vehicle car cars
🚙|blue_car|vehicle drive
🛻|pickup_truck|car pick automobile
🚚|truck|vehicle car drive
🚛|articulated_lorry|vehicle car move
🚜|tractor|vehicle
🏎️|racing_car
🏍️|motorcycle|racing
🛵|motor_scooter
🦽|manual_wheelchair|accessibility
🦼|motorized_wheelchair|accessibility
🛺|auto_rickshaw
🚲️|bike|bicycle cycle cyclist
🛴|kick_scooter
🛹|skateboard|board
🛼|roller_skate
🚏|busstop|stop bus
🛣️|motorway
🛤️|railway_track|train
🛢️|oil_drum
⛽️|fuelpump
🛞|wheel|vehicle car circle
🚨|rotating_light|car siren emergency
🚥|traffic_light|stop intersection signal
🚦|vertical_traffic_light|stop drove intersection
🛑|stop_sign
🚧|construction
⚓️|anchor|tool ship
🛟|ring_buoy|swim life safety
⛵️|boat sailboat|sea
🛶|canoe|boat
🚤|speedboat|travel boat lake
🛳️|passenger_ship
⛴️|ferry|boat passenger
🛥️|motor_boat
🚢|ship|travel boat passenger
✈️|airplane|travel plane fly
🛩️|small_airplane|plane aeroplane
🛫|flight_departure|plane aeroplane airplane
🛬|flight_arrival|plane aeroplane airplane
🪂|parachute|hang
💺|seat
🚁|helicopter|vehicle travel
🚟|suspension_railway
🚠|mountain_cableway|ski lift cable
🚡|aerial_tramway|car cable gondola
🛰️|artificial_satellite|space
🚀|rocket|space travel
🛸|flying_saucer|ufo aliens
🛎️|bellhop_bell|hotel
🧳|luggage|travel bag packing
⌛️|hourglass|time done timer
⏳️|hourglass_flowing_sand|not done yolo
⌚️|watch|clock time
⏰️|alarm_clock|time hours late
⏱️|stopwatch|clock time
⏲️|timer_clock
🕰️|mantelpiece_clock|time
🕛️|clock12|clock time twelve
🕧️|clock1230|clock time thirty
🕐️|clock1|clock time one
🕜️|clock130|clock time thirty
🕑️|clock2|clock time two
🕝️|clock230|clock time thirty
🕒️|clock3|clock time three
🕞️|clock330|clock time thirty
🕓️|clock4|clock time four
🕟️|clock430|clock time thirty
🕔️|clock5|clock time five
🕠️|clock530|clock time thirty
🕕️|clock6|clock time six
🕡️|clock630|clock thirty six
🕖️|clock7|clock seven
🕢️|clock730|clock thirty seven
🕗️|clock8|clock time eight
🕣️|clock830|clock time thirty
🕘️|clock9|clock time nine
🕤️|clock930|clock time thirty
🕙️|clock10|clock ten
🕥️|clock1030|clock time thirty
🕚️|clock11|clock time eleven
🕦️|clock1130|clock time thirty
🌑|new_moon|space
🌒|waxing_crescent_moon|space dreams
🌓|first_quarter_moon|space
🌔|moon waxing_gibbous_moon|space
🌕️|full_moon|space
🌖|waning_gibbous_moon|space
🌗|last_quarter_moon|space
🌘|waning_crescent_moon|space
🌙|crescent_moon|space ramadan
🌚|new_moon_with_face|space
🌛|first_quarter_moon_with_face|space
🌜️|last_quarter_moon_with_face|dreams
🌡️|thermometer|weather
☀️|sunny|space weather bright
🌝|full_moon_with_face|bright
🌞|sun_with_face|weather beach bright
🪐|ringed_planet
⭐️|star|white medium stars
🌟|star2|night star win
🌠|stars|space night star
🌌|milky_way|space
☁️|cloud|weather
⛅️|partly_sunny|weather sun cloud
⛈️|cloud_with_lightning_and_rain|thunder
🌤️|sun_behind_small_cloud|weather
🌥️|sun_behind_large_cloud|weather
🌦️|sun_behind_rain_cloud|weather
🌧️|cloud_with_rain|weather
🌨️|cloud_with_snow|weather cold
🌩️|cloud_with_lightning|weather
🌪️|tornado|weather cloud
🌫️|fog|weather cloud
🌬️|wind_face|cloud blow
🌀|cyclone|weather dizzy
🌈|rainbow|weather nature rain
🌂|closed_umbrella|clothing rain
☂️|open_umbrella|clothing rain
☔️|umbrella|clothing weather rain
⛱️|parasol_on_ground|sun rain
⚡️|zap|nature high electric
❄️|snowflake|weather cold snow
☃️|snowman_with_snow|man cold
⛄️|snowman|man cold snow
☄️|comet|space
🔥|fire|tool hot burn
💧|droplet|sad weather comic
🌊|ocean|nature water surf
🎃|jack_o_lantern|celebration halloween pumpkin
🎄|christmas_tree|celebration
🎆|fireworks|celebration entertainment yolo
🎇|sparkler|celebration boom sparkle
🧨|firecracker|light fire fireworks
✨️|sparkles|magic star sparkle
🎈|balloon|celebration celebrate birthday
🎉|tada|celebration party excited
🎊|confetti_ball|celebration party celebrate
🎋|tanabata_tree|celebration japanese
🎍|bamboo|celebration japanese plant
🎎|dolls|celebration japanese doll
🎏|flags|celebration
🎐|wind_chime|celebration
🎑|rice_scene|celebration
🧧|red_envelope|money good luck
🎀|ribbon|celebration
🎁|gift|celebration box surprise
🎗️|reminder_ribbon|celebration
🎟️|tickets|admission
🎫|ticket|admission
🎖️|medal_military|celebration award
🏆️|trophy|win prize slay
🏅|medal_sports|gold award
🥇|1st_place_medal|gold
🥈|2nd_place_medal|silver
🥉|3rd_place_medal
⚽️|soccer|ball
⚾️|baseball|ball
🥎|softball|ball sports
🏀|basketball|ball
🏐|volleyball|ball game
🏈|football|ball bowl
🏉|rugby_football|ball
🎾|tennis|ball racquet
🥏|flying_disc
🎳|bowling|ball game
🏏|cricket_game|ball bat
🏑|field_hockey|ball game stick
🏒|ice_hockey|game stick puck
🥍|lacrosse|ball stick sports
🏓|ping_pong|ball game paddle
🏸|badminton|game birdie racquet
🥊|boxing_glove
🥋|martial_arts_uniform
🥅|goal_net
⛳️|golf|hole
⛸️|ice_skate
🎣|fishing_pole_and_fish|entertainment
🤿|diving_mask|scuba
🎽|running_shirt_with_sash|athletics
🎿|ski|snow
🛷|sled|snow
🥌|curling_stone|game rock
🎯|dart|game entertainment bull
🪀|yo_yo|toy
🪁|kite|fly soar
🔫|gun|tool water weapon
🎱|8ball|ball game eight
🔮|crystal_ball|tool tale fairytale
🪄|magic_wand|witch wizard
🎮️|video_game|entertainment
🕹️|joystick|game video
🎰|slot_machine|game
🎲|game_die|entertainment
🧩|jigsaw|clue piece
🧸|teddy_bear|stuffed toy
🪅|pinata|celebration party celebrate
🪩|mirror_ball|party dance
🪆|nesting_dolls|doll russia
♠️|spades|game card suit
♥️|hearts|game emotion heart
♦️|diamonds|game card suit
♣️|clubs|game card suit
♟️|chess_pawn
🃏|black_joker|game card
🀄️|mahjong|game red
🎴|flower_playing_cards|japanese game card
🎭️|performing_arts|entertainment actor mask
🖼️|framed_picture|painting art frame
🎨|art|entertainment palette painting
🧵|thread|needle
🪡|sewing_needle
🧶|yarn|ball
🪢|knot|tie
👓️|eyeglasses|clothing eye glasses
🕶️|dark_sunglasses|eye glasses eyewear
🥽|goggles|eye swimming protection
🥼|lab_coat|white clothes doctor
🦺|safety_vest|emergency
👔|necktie|clothing shirt tie
👕|shirt tshirt|clothing clothes shopping
👖|jeans|clothing clothes shopping
🧣|scarf|cold bundle
🧤|gloves
🧥|coat|cold bundle jacket
🧦|socks
👗|dress|clothing clothes shopping
👘|kimono|clothing
🥻|sari|clothing dress
🩱|one_piece_swimsuit|suit bathing
🩲|swim_brief|suit one bathing
🩳|shorts|suit bathing pants
👙|bikini|clothing beach suit
👚|womans_clothes|clothing woman shopping
🪭|folding_hand_fan|flirt hot dance
👛|purse|clothing clothes shopping
👜|handbag|clothing clothes shopping
👝|pouch|clothing clothes dress
🛍️|shopping|bag hotel bags
🎒|school_satchel|education bag backpacking
🩴|thong_sandal|beach flip shoe
👞|mans_shoe shoe|clothing man clothes
👟|athletic_shoe|clothing clothes fast
🥾|hiking_boot|shoe backpacking brown
🥿|flat_shoe
👠|high_heel|clothing clothes woman
👡|sandal|clothing woman shoe
🩰|ballet_shoes|dance
👢|boot|clothing clothes woman
🪮|hair_pick|groom
👑|crown|clothing win royal
👒|womans_hat|clothing clothes party
🎩|tophat|clothing clothes hat
🎓️|mortar_board|celebration clothing education
🧢|billed_cap|hat bent dad
🪖|military_helmet|soldier war
⛑️|rescue_worker_helmet|hat cross aid
📿|prayer_beads|clothing religion
💄|lipstick|date makeup cosmetics
💍|ring|romance wedding diamond
💎|gem|romance money wedding
🔇|mute|sound quiet silent
🔈️|speaker|sound soft volume
🔉|sound|speaker volume medium
🔊|loud_sound|music high speaker
📢|loudspeaker|communication sound
📣|mega|sound
📯|postal_horn
🔔|bell|sound break church
🔕|no_bell|not forbidden prohibited
🎼|musical_score|music note
🎵|musical_note|music sound
🎶|notes|music sound note
🎙️|studio_microphone|music mic
🎚️|level_slider|music
🎛️|control_knobs|music
🎤|microphone|music sound mic
🎧️|headphones|sound
📻️|radio|entertainment video tbt
🎷|saxophone|music instrument
🎺|trumpet|music instrument
🪊|trombone|music sad instrument
🪗|accordion|music instrument box
🎸|guitar|music instrument
🎹|musical_keyboard|music instrument
🎻|violin|music instrument
🪕|banjo|music
🥁|drum|music
🪘|long_drum|instrument beat
🪇|maracas|music party instrument
🪈|flute|music instrument orchestra
🪉|harp|music instrument orchestra
📱|iphone|communication phone cell
📲|calling|arrow communication phone
☎️|phone telephone
📞|telephone_receiver|communication phone
📟️|pager|communication
📠|fax|communication
🔋|battery
🪫|low_battery
🔌|electric_plug|electricity
💻️|computer|office
🖥️|desktop_computer
🖨️|printer|computer
⌨️|keyboard|computer
🖱️|computer_mouse
🖲️|trackball|computer
💽|minidisc|computer disk optical
💾|floppy_disk|computer
💿️|cd|computer disk optical
📀|dvd|computer disk optical
🧮|abacus
🎥|movie_camera|cinema film
🎞️|film_strip|movie cinema
📽️|film_projector|video movie cinema
🎬️|clapper|movie board
📺️|tv|video
📷️|camera|video tbt trip
📸|camera_flash|video
📹️|video_camera|tbt
📼|vhs|video old school
🔍️|mag|tool pointing science
🔎|mag_right|tool pointing science
🕯️|candle|light
💡|bulb|comic light electric
🔦|flashlight|tool light electric
🏮|izakaya_lantern lantern|red restaurant bar
🪔|diya_lamp|light
📔|notebook_with_decorative_cover|education school book
📕|closed_book|education
📖|book open_book|education library reading
📗|green_book|education library reading
📘|blue_book|education library reading
📙|orange_book|education library reading
📚️|books|education library reading
📓|notebook
📒|ledger
📃|page_with_curl|paper document
📜|scroll|paper
📄|page_facing_up|paper document
📰|newspaper|communication paper news
🗞️|newspaper_roll|paper news
📑|bookmark_tabs|mark
🔖|bookmark|mark
🏷️|label
🪙|coin|money gold rich
💰️|moneybag|money bank bag
🪎|treasure_chest|money gold silver
💴|yen|money bank note
💵|dollar|money bank note
💶|euro|money bank note
💷|pound|money bank note
💸|money_with_wings|bank note cash
💳️|credit_card|money bank cash
🧾|receipt
💹|chart|money bank currency
✉️|envelope|mail letter email
📧|e-mail email|mail letter
📨|incoming_envelope|mail letter email
📩|envelope_with_arrow|communication mail down
📤️|outbox_tray|mail box letter
📥️|inbox_tray|mail box letter
📦️|package|communication box delivery
📫️|mailbox|communication mail closed
📪️|mailbox_closed|mail postbox lowered
📬️|mailbox_with_mail|open postbox raised
📭️|mailbox_with_no_mail|open postbox lowered
📮|postbox|mail
🗳️|ballot_box
✏️|pencil2
✒️|black_nib
🖋️|fountain_pen
🖊️|pen
🖌️|paintbrush|painting
🖍️|crayon
📝|memo pencil|communication notes
💼|briefcase|office
📁|file_folder
📂|open_file_folder
🗂️|card_index_dividers
📅|date
📆|calendar|tear off
🗒️|spiral_notepad|note pad
🗓️|spiral_calendar|pad
📇|card_index|old school
📈|chart_with_upwards_trend|right graph data
📉|chart_with_downwards_trend|down graph data
📊|bar_chart|graph data
📋️|clipboard|notes
📌|pushpin|pin
📍|round_pushpin|map pin
📎|paperclip
🖇️|paperclips
📏|straight_ruler|math angle
📐|triangular_ruler|triangle math slide
✂️|scissors|tool paper cut
🗃️|card_file_box
🗄️|file_cabinet|paper
🗑️|wastebasket|can
🔒️|lock|closed locked
🔓️|unlock|open lock
🔏|lock_with_ink_pen|locked
🔐|closed_lock_with_key|bike locked
🔑|key|lock
🗝️|old_key|clue lock
🔨|hammer|tool home improvement
🪓|axe|chop wood
⛏️|pick|tool
⚒️|hammer_and_pick|tool
🛠️|hammer_and_wrench|tool spanner
🗡️|dagger|weapon knife
⚔️|crossed_swords|weapon
💣️|bomb|comic hot boom
🪃|boomerang|weapon
🏹|bow_and_arrow|tool zodiac weapon
🛡️|shield|weapon
🪚|carpentry_saw|tool cut lumber
🔧|wrench|tool home improvement
🪛|screwdriver|tool
🔩|nut_and_bolt|tool home improvement
⚙️|gear|tool
🗜️|clamp|tool
⚖️|balance_scale|tool zodiac justice
🦯|probing_cane|accessibility white blind
🔗|link
⛓️‍💥|broken_chain|break
⛓️|chains
🪝|hook|catch point
🧰|toolbox|tool red box
🧲|magnet|magnetic negative
🪜|ladder|climb
🪏|shovel|plant garden snow
⚗️|alembic|tool chemistry
🧪|test_tube|science lab chemist
🧫|petri_dish|biologist lab bacteria
🧬|dna|biologist life
🔬|microscope|tool science lab
🔭|telescope|tool science contact
📡|satellite|science contact aliens
💉|syringe|tool doctor sick
🩸|drop_of_blood|medicine injury
💊|pill|doctor sick medicine
🩹|adhesive_bandage
🩼|crutch|stick aid help
🩺|stethoscope|heart doctor medicine
🩻|x_ray|doctor bones medical
🚪|door|closet front
🛗|elevator|accessibility lift
🪞|mirror|makeup
🪟|window|frame fresh
🛏️|bed|sleep hotel
🛋️|couch_and_lamp|hotel
🪑|chair
🚽|toilet|bathroom
🪠|plunger|toilet plumber cup
🚿|shower|water
🛁|bathtub
🪤|mouse_trap|cheese
🪒|razor|shave
🧴|lotion_bottle
🧷|safety_pin|rock
🧹|broom|witch cleaning
🧺|basket
🧻|roll_of_paper|toilet
🪣|bucket|pail
🧼|soap|bar bathing clean
🫧|bubbles|bubble clean pearl
🪥|toothbrush|teeth bathroom clean
🧽|sponge|cleaning
🧯|fire_extinguisher
🛒|shopping_cart|trolley
🚬|smoking
⚰️|coffin|dead death vampire
🪦|headstone|dead
⚱️|funeral_urn|death
🧿|nazar_amulet|eye blue evil
🪬|hamsa|fortune palm protection
🗿|moyai|travel
🪧|placard|card sign
🪪|identification_card|document
🏧|atm|money bank sign
🚮|put_litter_in_its_place|sign
🚰|potable_water|drinking
♿️|wheelchair|symbol
🚹️|mens|man bathroom toilet
🚺️|womens|woman bathroom toilet
🚻|restroom|bathroom toilet lavatory
🚼️|baby_symbol
🚾|wc|water bathroom toilet
🛂|passport_control
🛃|customs|packing
🛄|baggage_claim|travel plane checked
🛅|left_luggage|case
⚠️|warning
🚸|children_crossing|child pedestrian traffic
⛔️|no_entry|not forbidden prohibited
🚫|no_entry_sign|not forbidden prohibited
🚳|no_bicycles|not forbidden prohibited
🚭️|no_smoking|not forbidden prohibited
🚯|do_not_litter|forbidden prohibited
🚱|non-potable_water|prohibited drinking
🚷|no_pedestrians|not forbidden prohibited
📵|no_mobile_phones|not forbidden prohibited
🔞|underage|not forbidden prohibited
☢️|radioactive|sign
☣️|biohazard|sign
⬆️|arrow_up|direction cardinal north
↗️|arrow_upper_right|direction intercardinal
➡️|arrow_right|direction cardinal
↘️|arrow_lower_right|direction down intercardinal
⬇️|arrow_down|direction cardinal south
↙️|arrow_lower_left|direction down intercardinal
⬅️|arrow_left|direction cardinal
↖️|arrow_upper_left|direction intercardinal
↕️|arrow_up_down
↔️|left_right_arrow
↩️|leftwards_arrow_with_hook|right left curving
↪️|arrow_right_hook|left curving
⤴️|arrow_heading_up|right curving
⤵️|arrow_heading_down|right curving
🔃|arrows_clockwise|arrow refresh vertical
🔄|arrows_counterclockwise|arrow again refresh
🔙|back|arrow
🔚|end|arrow
🔛|on|arrow mark
🔜|soon|arrow omw
🔝|top|arrow homie
🛐|place_of_worship|religion pray
⚛️|atom_symbol
🕉️|om|religion
✡️|star_of_david|religion jewish judaism
☸️|wheel_of_dharma|religion
☯️|yin_yang|religion
✝️|latin_cross|religion christian
☦️|orthodox_cross|religion christian
☪️|star_and_crescent|religion islam muslim
☮️|peace_symbol|peaceful
🕎|menorah|religion jewish judaism
🔯|six_pointed_star|jewish judaism fortune
🪯|khanda|religion
♈️|aries|zodiac horoscope
♉️|taurus|zodiac horoscope bull
♊️|gemini|zodiac horoscope twins
♋️|cancer|zodiac horoscope
♌️|leo|zodiac horoscope lion
♍️|virgo|zodiac horoscope
♎️|libra|zodiac horoscope justice
♏️|scorpius|zodiac horoscope scorpio
♐️|sagittarius|zodiac horoscope archer
♑️|capricorn|zodiac horoscope
♒️|aquarius|zodiac horoscope water
♓️|pisces|zodiac horoscope fish
⛎️|ophiuchus|zodiac bearer serpent
🔀|twisted_rightwards_arrows|arrow crossed
🔁|repeat|arrow clockwise
🔂|repeat_one|arrow clockwise
▶️|arrow_forward|right triangle play
⏩️|fast_forward|arrow double
⏭️|next_track_button|arrow triangle scene
⏯️|play_or_pause_button|arrow right triangle
◀️|arrow_backward|triangle left reverse
⏪️|rewind|arrow fast double
⏮️|previous_track_button|arrow triangle scene
🔼|arrow_up_small|red
⏫️|arrow_double_up|fast
🔽|arrow_down_small|red
⏬️|arrow_double_down|fast
⏸️|pause_button|bar double vertical
⏹️|stop_button|square
⏺️|record_button|circle
⏏️|eject_button
🎦|cinema|movie camera film
🔅|low_brightness
🔆|high_brightness|light bright
📶|signal_strength|communication bar phone
🛜|wireless|computer internet
📳|vibration_mode|communication phone cell
📴|mobile_phone_off|cell telephone
♀️|female_sign|woman
♂️|male_sign|man
⚧️|transgender_symbol
✖️|heavy_multiplication_x|sign multiply cancel
➕️|heavy_plus_sign
➖️|heavy_minus_sign|math
➗️|heavy_division_sign|math
🟰|heavy_equals_sign|math
♾️|infinity
‼️|bangbang|mark double punctuation
⁉️|interrobang|mark punctuation question
❓️|question|red mark punctuation
❔️|grey_question|white mark punctuation
❕️|grey_exclamation|white mark punctuation
❗️|exclamation heavy_exclamation_mark|red punctuation
〰️|wavy_dash|punctuation
💱|currency_exchange|money bank
💲|heavy_dollar_sign|money cash currency
⚕️|medical_symbol|medicine
♻️|recycle|symbol
⚜️|fleur_de_lis|knights
🔱|trident|tool poseidon ship
📛|name_badge
🔰|beginner|tool japanese green
⭕️|o|red circle large
✅️|white_check_mark|done checked tick
☑️|ballot_box_with_check|done checked tick
✔️|heavy_check_mark|done checked tick
❌️|x|mark cross multiply
❎️|negative_squared_cross_mark|multiply multiplication square
➰️|curly_loop|curl
➿️|loop|double curl
〽️|part_alternation_mark
✳️|eight_spoked_asterisk
✴️|eight_pointed_black_star
❇️|sparkle
©️|copyright
®️|registered
™️|tm|mark
🫟|splatter|drip liquid spill
#️⃣|hash|keycap
*️⃣|asterisk|keycap
0️⃣|zero|keycap
1️⃣|one|keycap
2️⃣|two|keycap
3️⃣|three|keycap
4️⃣|four|keycap
5️⃣|five|keycap
6️⃣|six|keycap
7️⃣|seven|keycap
8️⃣|eight|keycap
9️⃣|nine|keycap
🔟|keycap_ten
🔠|capital_abcd|input latin letters
🔡|abcd|input latin letters
🔢|1234|input
🔣|symbols|input
🔤|abc|input latin letters
🅰️|a|blood type
🆎|ab|blood type
🅱️|b|blood type
🆑|cl
🆒|cool
🆓|free
ℹ️|information_source
🆔|id|identity
Ⓜ️|m|circle
🆕|new
🆖|ng
🅾️|o2|blood type
🆗|ok|okay
🅿️|parking
🆘|sos|help
🆙|up|mark
🆚|vs
🈁|koko|japanese here katakana
🈂️|sa|japanese charge katakana
🈷️|u6708|japanese ideograph amount
🈶|u6709|japanese not ideograph
🈯️|u6307|japanese ideograph
🉐|ideograph_advantage|japanese
🈹|u5272|japanese ideograph
🈚️|u7121|japanese ideograph charge
🈲|u7981|japanese ideograph prohibited
🉑|accept|japanese ideograph
🈸|u7533|japanese ideograph
🈴|u5408|japanese ideograph
🈳|u7a7a|japanese ideograph vacancy
㊗️|congratulations|japanese ideograph
㊙️|secret|japanese ideograph
🈺|u55b6|japanese ideograph open
🈵|u6e80|japanese ideograph vacancy
🔴|red_circle|geometric
🟠|orange_circle
🟡|yellow_circle
🟢|green_circle
🔵|large_blue_circle|geometric
🟣|purple_circle
🟤|brown_circle
⚫️|black_circle|geometric
⚪️|white_circle|geometric
🟥|red_square|card penalty
🟧|orange_square
🟨|yellow_square|card penalty
🟩|green_square
🟦|blue_square
🟪|purple_square
🟫|brown_square
⬛️|black_large_square|geometric
⬜️|white_large_square|geometric
◼️|black_medium_square|geometric
◻️|white_medium_square|geometric
◾️|black_medium_small_square|geometric
◽️|white_medium_small_square|geometric
▪️|black_small_square|geometric
▫️|white_small_square|geometric
🔶|large_orange_diamond|geometric
🔷|large_blue_diamond|geometric
🔸|small_orange_diamond|geometric
🔹|small_blue_diamond|geometric
🔺|small_red_triangle|geometric pointed
🔻|small_red_triangle_down|geometric pointed
💠|diamond_shape_with_a_dot_inside|geometric comic
🔘|radio_button|geometric
🔳|white_square_button|geometric outlined
🔲|black_square_button|geometric
🏁|checkered_flag|game racing race
🚩|triangular_flag_on_post|golf
🎌|crossed_flags|celebration japanese cross
🏴|black_flag|waving
🏳️|white_flag|waving
🏳️‍🌈|rainbow_flag|gay genderqueer glbt
🏳️‍⚧️|transgender_flag|white light blue
🏴‍☠️|pirate_flag|treasure
🇦🇨|ascension_island
🇦🇩|andorra
🇦🇪|united_arab_emirates
🇦🇫|afghanistan
🇦🇬|antigua_barbuda
🇦🇮|anguilla
🇦🇱|albania
🇦🇲|armenia
🇦🇴|angola
🇦🇶|antarctica
🇦🇷|argentina
🇦🇸|american_samoa
🇦🇹|austria
🇦🇺|australia
🇦🇼|aruba
🇦🇽|aland_islands
🇦🇿|azerbaijan
🇧🇦|bosnia_herzegovina
🇧🇧|barbados
🇧🇩|bangladesh
🇧🇪|belgium
🇧🇫|burkina_faso
🇧🇬|bulgaria
🇧🇭|bahrain
🇧🇮|burundi
🇧🇯|benin
🇧🇱|st_barthelemy
🇧🇲|bermuda
🇧🇳|brunei
🇧🇴|bolivia
🇧🇶|caribbean_netherlands
🇧🇷|brazil
🇧🇸|bahamas
🇧🇹|bhutan
🇧🇻|bouvet_island
🇧🇼|botswana
🇧🇾|belarus
🇧🇿|belize
🇨🇦|canada
🇨🇨|cocos_islands
🇨🇩|congo_kinshasa
🇨🇫|central_african_republic
🇨🇬|congo_brazzaville
🇨🇭|switzerland
🇨🇮|cote_divoire
🇨🇰|cook_islands
🇨🇱|chile
🇨🇲|cameroon
🇨🇳|cn|china
🇨🇴|colombia
🇨🇵|clipperton_island
🇨🇶|flag-sark
🇨🇷|costa_rica
🇨🇺|cuba
🇨🇻|cape_verde
🇨🇼|curacao
🇨🇽|christmas_island
🇨🇾|cyprus
🇨🇿|czech_republic
🇩🇪|de
🇩🇬|diego_garcia
🇩🇯|djibouti
🇩🇰|denmark
🇩🇲|dominica
🇩🇴|dominican_republic
🇩🇿|algeria
🇪🇦|ceuta_melilla
🇪🇨|ecuador
🇪🇪|estonia
🇪🇬|egypt
🇪🇭|western_sahara
🇪🇷|eritrea
🇪🇸|es
🇪🇹|ethiopia
🇪🇺|eu european_union
🇫🇮|finland
🇫🇯|fiji
🇫🇰|falkland_islands
🇫🇲|micronesia
🇫🇴|faroe_islands
🇫🇷|fr
🇬🇦|gabon
🇬🇧|gb uk|united
🇬🇩|grenada
🇬🇪|georgia
🇬🇫|french_guiana
🇬🇬|guernsey
🇬🇭|ghana
🇬🇮|gibraltar
🇬🇱|greenland
🇬🇲|gambia
🇬🇳|guinea
🇬🇵|guadeloupe
🇬🇶|equatorial_guinea
🇬🇷|greece
🇬🇸|south_georgia_south_sandwich_islands
🇬🇹|guatemala
🇬🇺|guam
🇬🇼|guinea_bissau
🇬🇾|guyana
🇭🇰|hong_kong|china sar
🇭🇲|heard_mcdonald_islands
🇭🇳|honduras
🇭🇷|croatia
🇭🇹|haiti
🇭🇺|hungary
🇮🇨|canary_islands
🇮🇩|indonesia
🇮🇪|ireland
🇮🇱|israel
🇮🇲|isle_of_man
🇮🇳|india
🇮🇴|british_indian_ocean_territory
🇮🇶|iraq
🇮🇷|iran
🇮🇸|iceland
🇮🇹|it
🇯🇪|jersey
🇯🇲|jamaica
🇯🇴|jordan
🇯🇵|jp
🇰🇪|kenya
🇰🇬|kyrgyzstan
🇰🇭|cambodia
🇰🇮|kiribati
🇰🇲|comoros
🇰🇳|st_kitts_nevis
🇰🇵|north_korea
🇰🇷|kr|south
🇰🇼|kuwait
🇰🇾|cayman_islands
🇰🇿|kazakhstan
🇱🇦|laos
🇱🇧|lebanon
🇱🇨|st_lucia
🇱🇮|liechtenstein
🇱🇰|sri_lanka
🇱🇷|liberia
🇱🇸|lesotho
🇱🇹|lithuania
🇱🇺|luxembourg
🇱🇻|latvia
🇱🇾|libya
🇲🇦|morocco
🇲🇨|monaco
🇲🇩|moldova
🇲🇪|montenegro
🇲🇫|st_martin
🇲🇬|madagascar
🇲🇭|marshall_islands
🇲🇰|macedonia|north
🇲🇱|mali
🇲🇲|myanmar
🇲🇳|mongolia
🇲🇴|macau|china sar
🇲🇵|northern_mariana_islands
🇲🇶|martinique
🇲🇷|mauritania
🇲🇸|montserrat
🇲🇹|malta
🇲🇺|mauritius
🇲🇻|maldives
🇲🇼|malawi
🇲🇽|mexico
🇲🇾|malaysia
🇲🇿|mozambique
🇳🇦|namibia
🇳🇨|new_caledonia
🇳🇪|niger
🇳🇫|norfolk_island
🇳🇬|nigeria
🇳🇮|nicaragua
🇳🇱|netherlands
🇳🇴|norway
🇳🇵|nepal
🇳🇷|nauru
🇳🇺|niue
🇳🇿|new_zealand
🇴🇲|oman
🇵🇦|panama
🇵🇪|peru
🇵🇫|french_polynesia
🇵🇬|papua_new_guinea
🇵🇭|philippines
🇵🇰|pakistan
🇵🇱|poland
🇵🇲|st_pierre_miquelon
🇵🇳|pitcairn_islands
🇵🇷|puerto_rico
🇵🇸|palestinian_territories
🇵🇹|portugal
🇵🇼|palau
🇵🇾|paraguay
🇶🇦|qatar
🇷🇪|reunion
🇷🇴|romania
🇷🇸|serbia
🇷🇺|ru|russia
🇷🇼|rwanda
🇸🇦|saudi_arabia
🇸🇧|solomon_islands
🇸🇨|seychelles
🇸🇩|sudan
🇸🇪|sweden
🇸🇬|singapore
🇸🇭|st_helena
🇸🇮|slovenia
🇸🇯|svalbard_jan_mayen
🇸🇰|slovakia
🇸🇱|sierra_leone
🇸🇲|san_marino
🇸🇳|senegal
🇸🇴|somalia
🇸🇷|suriname
🇸🇸|south_sudan
🇸🇹|sao_tome_principe
🇸🇻|el_salvador
🇸🇽|sint_maarten
🇸🇾|syria
🇸🇿|swaziland
🇹🇦|tristan_da_cunha
🇹🇨|turks_caicos_islands
🇹🇩|chad
🇹🇫|french_southern_territories
🇹🇬|togo
🇹🇭|thailand
🇹🇯|tajikistan
🇹🇰|tokelau
🇹🇱|timor_leste
🇹🇲|turkmenistan
🇹🇳|tunisia
🇹🇴|tonga
🇹🇷|tr
🇹🇹|trinidad_tobago
🇹🇻|tuvalu
🇹🇼|taiwan
🇹🇿|tanzania
🇺🇦|ukraine
🇺🇬|uganda
🇺🇲|us_outlying_islands
🇺🇳|united_nations
🇺🇸|us|united
🇺🇾|uruguay
🇺🇿|uzbekistan
🇻🇦|vatican_city
🇻🇨|st_vincent_grenadines
🇻🇪|venezuela
🇻🇬|british_virgin_islands
🇻🇮|us_virgin_islands
🇻🇳|vietnam
🇻🇺|vanuatu
🇼🇫|wallis_futuna
🇼🇸|samoa
🇽🇰|kosovo
🇾🇪|yemen
🇾🇹|mayotte
🇿🇦|south_africa
🇿🇲|zambia
🇿🇼|zimbabwe
🏴󠁧󠁢󠁥󠁮󠁧󠁿|england
🏴󠁧󠁢󠁳󠁣󠁴󠁿|scotland
🏴󠁧󠁢󠁷󠁬󠁳󠁿|wales`;export{e as emojiList};